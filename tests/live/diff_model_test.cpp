#include "base/json.hpp"
#include "base/random.hpp"
#include "live/client_model.hpp"
#include "web/live/diff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>

// Random pages, changed at random, sent as diffs to a model of the client: after each diff the client's page is
// the page that a fresh render gives.

namespace {

using namespace beamline;
using namespace beamline::web::live;

/// Templates 0-9; template n has n % 4 values, some are one element.
const std::vector<std::unique_ptr<statics>>& templates() {
  static const auto all = [] {
    auto made = std::vector<std::unique_ptr<statics>>{};
    for (int n = 0; n < 10; ++n) {
      auto parts = std::vector<std::string>{"<t" + std::to_string(n) + " a=\"\">"};
      for (int i = 0; i < n % 4; ++i)
        parts.push_back(i % 2 == 0 ? "\\\"," : "</br>");
      parts.back() += "</t" + std::to_string(n) + ">";
      made.push_back(
          std::make_unique<statics>(std::move(parts), n % 3 == 0 ? root_element::single : root_element::unknown));
    }
    return made;
  }();
  return all;
}

struct page_node;
struct page_list;
using page_value = std::variant<std::string, std::unique_ptr<page_node>, std::unique_ptr<page_list>>;
using page_row = std::vector<page_value>;

struct page_node {
  std::size_t tpl;
  page_row values;
};
struct page_list {
  std::size_t tpl;
  bool is_keyed;
  int next_key = 0;
  std::vector<std::pair<int, page_row>> rows = {};
};

/// Draws pages and changes them. Everything follows from the seed.
class page_painter {
public:
  explicit page_painter(std::uint64_t seed) : random_{seed} {}

  page_node node(int depth) {
    const auto tpl = random_.below(templates().size());
    return {tpl, row(tpl, depth)};
  }

  /// Changes some places: texts, templates, conditionals, and rows that come, go, move and change.
  void change(page_node& page) {
    if (chance(40)) {
      page = node(3);
      return;
    }
    change(page.values, 3);
  }

private:
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }

  std::string text() {
    static constexpr auto texts = std::array{"", "", "a", "b", "<&>", "\"quoted\" \\", "text \xc3\xa9\n"};
    return texts[random_.below(texts.size())];
  }

  page_value value(int depth) {
    if (depth == 0 || chance(2))
      return text();
    if (chance(2))
      return std::make_unique<page_node>(node(depth - 1));
    auto list = std::make_unique<page_list>(page_list{random_.below(templates().size()), chance(2)});
    const auto count = random_.below(5);
    for (std::uint64_t i = 0; i < count; ++i)
      list->rows.emplace_back(list->next_key++, row(list->tpl, depth - 1));
    return list;
  }

  page_row row(std::size_t tpl, int depth) {
    auto values = page_row{};
    for (std::size_t i = 0; i < templates()[tpl]->dynamics(); ++i)
      values.push_back(value(depth));
    return values;
  }

  void change(page_row& values, int depth) {
    for (auto& v : values) {
      if (chance(8))
        v = value(depth);
      else if (auto* t = std::get_if<std::string>(&v); t != nullptr && chance(3))
        *t = text();
      else if (auto* n = std::get_if<std::unique_ptr<page_node>>(&v))
        change((*n)->values, depth - 1);
      else if (auto* l = std::get_if<std::unique_ptr<page_list>>(&v))
        change(**l, depth - 1);
    }
  }

  void change(page_list& list, int depth) {
    depth = std::max(depth, 0);
    if (chance(10))
      list.rows.clear();
    if (!list.rows.empty() && chance(3))
      list.rows.erase(list.rows.begin() + static_cast<std::ptrdiff_t>(random_.below(list.rows.size())));
    if (chance(3))
      list.rows.emplace(list.rows.begin() + static_cast<std::ptrdiff_t>(random_.below(list.rows.size() + 1)),
                        list.next_key++, row(list.tpl, depth));
    if (list.rows.size() > 1 && chance(3))
      std::rotate(list.rows.begin(), list.rows.begin() + static_cast<std::ptrdiff_t>(random_.below(list.rows.size())),
                  list.rows.end());
    if (list.rows.size() > 1 && chance(3))
      std::swap(list.rows[random_.below(list.rows.size())], list.rows[random_.below(list.rows.size())]);
    for (auto& [key, values] : list.rows)
      if (chance(2))
        change(values, depth);
    if (chance(20))
      list.is_keyed = !list.is_keyed;
  }

  seeded_random random_;
};

std::vector<dynamic> paint(const page_row& values);

rendered paint(const page_node& node) { return rendered{*templates()[node.tpl], paint(node.values)}; }

comprehension paint(const page_list& list) {
  auto out = comprehension{*templates()[list.tpl]};
  for (const auto& [key, values] : list.rows)
    out.add_row(list.is_keyed ? std::optional{std::to_string(key)} : std::nullopt, paint(values));
  return out;
}

std::vector<dynamic> paint(const page_row& values) {
  auto out = std::vector<dynamic>{};
  for (const auto& v : values) {
    if (const auto* t = std::get_if<std::string>(&v))
      out.emplace_back(*t);
    else if (const auto* n = std::get_if<std::unique_ptr<page_node>>(&v))
      out.emplace_back(paint(**n));
    else
      out.emplace_back(paint(*std::get<std::unique_ptr<page_list>>(v)));
  }
  return out;
}

json parsed(const std::string& text) {
  auto value = parse_json(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return *value;
}

}  // namespace

TEST_CASE("after any sequence of diffs the client shows what a fresh render shows") {
  auto moved = 0;
  auto silent = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    auto painter = page_painter{seed};
    auto page = painter.node(4);
    auto memory = tree_memory{{seed, ~seed}};
    auto client = testing::client_model{};
    client.join(parsed(encode_full(memory, paint(page))));
    REQUIRE(client.html() == to_html(paint(page)));
    for (int step = 0; step < 12; ++step) {
      CAPTURE(step);
      painter.change(page);
      const auto tree = paint(page);
      const auto message = encode_diff(memory, tree);
      CAPTURE(message);
      if (message.empty())
        ++silent;
      else
        client.diff(parsed(message));
      REQUIRE(client.html() == to_html(tree));
      REQUIRE(encode_diff(memory, tree).empty());
      moved += message.find("\"km\"") != std::string::npos ? 1 : 0;
    }
  }
  // The pages do change, move rows, and sometimes stay the same: else the test above says little.
  CHECK(moved > 100);
  CHECK(silent > 10);
}

TEST_CASE("the client model refuses what would leave a page stuck") {
  auto client = testing::client_model{};
  const auto joined = parsed(R"({"0":"x","1":{"k":{"0":{"0":"a"},"kc":1},"s":0},"2":{"0":"n","s":1},"s":["","","",""],)"
                             R"("p":{"0":["<li>","</li>"],"1":["<b>","</b>"]}})");
  client.join(joined);
  REQUIRE(client.html() == "x<li>a</li><b>n</b>");
  for (const auto* bad : {
           R"({"0":{"0":"y"}})",                          // A change of a node that is a text.
           R"({"0":{"0":"y","s":0}})",                    // A template number without a table.
           R"({"0":{"0":"y","s":5},"p":{"0":["",""]}})",  // A template that is not in the table.
           R"({"0":5})",                                  // A number is a component.
           R"({"0":null})",                               // Prints "null".
           R"({"0":{"s":["<i>","</i>"]}})",               // A value is missing.
           R"({"3":"y"})",                                // No place for it.
           R"({"1":{"0":"y"}})",                          // Values for a list.
           R"({"2":{"k":{"kc":0}}})",                     // Rows for a node.
           R"({"0":{"k":{"0":{"0":"a"},"kc":1}}})",       // Rows for a text.
           R"({"1":{"k":{"1":{"0":"b"}}}})",              // No count.
           R"({"1":{"k":{"1":0,"kc":2}}})",               // A move without km.
           R"({"1":{"k":{"1":7,"km":true,"kc":2}}})",     // A move from nowhere.
           R"({"1":{"k":{"kc":2}}})",                     // A row is missing.
           R"({"q":"y"})",                                // Unknown.
           R"({})",
       }) {
    CAPTURE(bad);
    auto victim = client;
    CHECK_THROWS_AS(victim.diff(parsed(bad)), testing::page_stuck);
  }
  CHECK_THROWS_AS(testing::client_model{}.diff(joined), testing::page_stuck);
}
