#include "base/json.hpp"
#include "live/page_model.hpp"
#include "testing/live/client_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// Random views with live components, streams and `unchanged`, some of whose messages are made and not sent: after each
// message that is, the client's page is the page that a fresh render gives.

namespace {

using namespace beamline;
using namespace beamline::web::live;

json parsed(const std::string& text) {
  auto value = parse_json(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return *value;
}

/// The client's part in removing components: it says what has gone from its page, and forgets what the server deleted.
void hand_shake(view_tree& tree, testing::client_model& client, testing::random_page& page,
                std::vector<component_id>& announced) {
  const auto gone = [&] {
    auto out = std::vector<component_id>{};
    for (const auto id : client.components())
      if (!client.shown_components().contains(id))
        out.push_back(id);
    return out;
  };
  if (!announced.empty() && page.chance(2)) {
    const auto still = gone();
    std::erase_if(announced, [&](component_id id) { return std::ranges::find(still, id) == still.end(); });
    client.prune(tree.left(announced));
    announced.clear();
  } else if (announced.empty()) {
    announced = gone();
    tree.leaving(announced);
  }
}

}  // namespace

TEST_CASE("after any sequence of messages the client shows what a fresh render shows, components included") {
  auto shared = 0;
  auto removed = 0;
  auto only_components = 0;
  auto thrown_away = 0;
  auto streamed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto page = testing::random_page{seed};
    auto host = testing::no_host{};
    auto tree = view_tree{{.key = {seed, ~seed}, .host = &host}};
    auto client = testing::client_model{};
    const auto render = [&](render_context& c) { return page.render(c); };
    client.join(parsed(tree.full(render)));
    REQUIRE(client.html() == page.expected_html());
    tree.sent();
    page.sent();
    auto announced = std::vector<component_id>{};
    for (int step = 0; step < 14; ++step) {
      CAPTURE(step);
      page.change(tree);
      if (page.chance(6)) {
        (void)tree.diff(render);
        page.lost();
        ++thrown_away;
        continue;
      }
      for (auto is_done = false; !is_done;) {
        const auto message = tree.diff(render);
        CAPTURE(message);
        const auto expected = page.expected_html();
        if (!message.empty())
          client.diff(parsed(message));
        tree.sent();
        page.sent();
        is_done = !tree.is_changed();
        if (is_done && !message.empty())
          REQUIRE(client.html() == expected);
        shared += message.find("\"s\":-") != std::string::npos ? 1 : 0;
        only_components += message.starts_with("{\"c\":") ? 1 : 0;
        streamed += message.find("\"stream\"") != std::string::npos ? 1 : 0;
      }
      REQUIRE(tree.diff(render).empty());
      tree.sent();
      page.sent();
      hand_shake(tree, client, page, announced);
    }
    removed += static_cast<int>(host.removed.size());
  }
  // All of it happens, else the test says little.
  CHECK(shared > 20);
  CHECK(removed > 50);
  CHECK(only_components > 50);
  CHECK(thrown_away > 100);
  CHECK(streamed > 100);
}
