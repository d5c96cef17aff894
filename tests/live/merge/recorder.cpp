#include "base/json.hpp"
#include "live/compiled/changing_page.hpp"
#include "live/page_model.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

// Prints what random views send to their clients, and what the page should be after each message, one JSON object a
// line: for merge_test.mjs, which gives them to the npm client.
//
// usage: live_merge_recorder SEEDS

namespace {

using namespace beamline;
using namespace beamline::web::live;

/// `html` is null where more is to follow.
void print(const char* kind, const std::string& message, const std::string& html, std::uint64_t seed) {
  std::cout << "{\"" << kind << "\":" << message << ",\"html\":" << html << ",\"seed\":" << seed << "}\n";
}

void record(std::uint64_t seed) {
  auto page = testing::random_page{seed};
  auto host = testing::no_host{};
  auto tree = view_tree{{.key = {seed, ~seed}, .host = &host}};
  const auto render = [&](render_context& c) { return page.render(c); };
  const auto send = [&](const char* kind, const std::string& message) {
    const auto html = json_string(page.expected_html());
    tree.sent();
    page.sent();
    if (!message.empty())
      print(kind, message, tree.is_changed() ? "null" : html, seed);
  };
  send("join", tree.full(render));
  for (int step = 0; step < 14; ++step) {
    page.change(tree);
    do
      send("diff", tree.diff(render));
    while (tree.is_changed());
  }
}

/// The same of a template that the compiler made.
void record_compiled(std::uint64_t seed) {
  const auto& all = compiled::pages();
  auto page = compiled::changing_page{all[seed % all.size()], seed};
  print("join", page.join(), json_string(page.fresh()), seed);
  for (int step = 0; step < 14; ++step) {
    page.change();
    while (page.has_more())
      if (const auto message = page.update(); !message.empty())
        print("diff", message, page.has_more() ? "null" : json_string(page.fresh()), seed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto seeds = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (seeds == 0) {
    std::cerr << "usage: live_merge_recorder SEEDS\n";
    return 2;
  }
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    record(seed);
  for (std::uint64_t seed = seeds; seed < 2 * seeds; ++seed)
    record_compiled(seed);
}
