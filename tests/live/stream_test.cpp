#include "web/live/stream.hpp"

#include "base/json.hpp"
#include "base/random.hpp"
#include "testing/live/client_model.hpp"
#include "web/live/view_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace beamline;
using namespace beamline::web::live;

struct item {
  int id;
  std::string text;
};

const statics page_template{{"<ul id=\"items\" phx-update=\"stream\">", "</ul>"}};
const statics row_template{{"<li id=\"", "\">", "</li>"}};

json parsed(const std::string& text) {
  INFO(text);
  auto value = parse_json(text);
  REQUIRE(value.ok());
  return *value;
}

/// A view with a stream, and its client.
struct page {
  stream<item> items{"items"};
  view_tree tree{{.is_connected = true}};

  rendered render(render_context& c) const {
    const auto ch = c.begin({items});
    if (!ch.has(1))
      return rendered{page_template, unchanged};
    auto rows = comprehension{row_template, items};
    for (const auto& [id, i] : items)
      rows.add(id, i.text);
    return rendered{page_template, std::move(rows)};
  }
  std::string join() {
    auto text = tree.full([this](render_context& c) { return render(c); });
    tree.sent();
    return text;
  }
  std::string diff() {
    tree.view_changed();
    auto text = tree.diff([this](render_context& c) { return render(c); });
    tree.sent();
    return text;
  }
};

}  // namespace

TEST_CASE("the first render of a stream has its template, also when it is empty") {
  auto p = page{};
  SUBCASE("empty") {
    CHECK(p.join()
          == R"({"0":{"k":{"kc":0},"stream":["1",[],[]],"s":0},"s":1,)"
             R"("p":{"0":["<li id=\"","\">","</li>"],"1":["<ul id=\"items\" phx-update=\"stream\">","</ul>"]}})");
  }
  SUBCASE("with an item") {
    p.items.insert({1, "one"});
    CHECK(parsed(p.join()).at("0")
          == parsed(
              R"({"k":{"0":{"0":"items-1","1":"one"},"kc":1},"stream":["1",[["items-1",-1,null,null]],[]],"s":0})"));
  }
  CHECK(p.items.is_idle());
  CHECK(p.diff().empty());
}

// Section 7 of the protocol note, as the original server sent them.
TEST_CASE("streams send what the original server sent") {
  auto p = page{};
  (void)p.join();
  const auto stream_of = [&] { return parsed(p.diff()).at("0").at("stream"); };
  p.items.insert({4, "item 4"});
  CHECK(p.diff()
        == R"({"0":{"k":{"0":{"0":"items-4","1":"item 4"},"kc":1},"stream":["1",[["items-4",-1,null,null]],[]]}})");
  p.items.insert({5, ""}, {.at = 0});
  CHECK(stream_of() == parsed(R"(["1",[["items-5",0,null,null]],[]])"));
  p.items.insert({6, ""}, {.at = 1});
  CHECK(stream_of() == parsed(R"(["1",[["items-6",1,null,null]],[]])"));
  p.items.remove({1, ""});
  CHECK(p.diff() == R"({"0":{"k":{"kc":0},"stream":["1",[],["items-1"]]}})");
  p.items.insert({8, ""}, {.limit = -2});
  CHECK(stream_of() == parsed(R"(["1",[["items-8",-1,-2,null]],[]])"));
  p.items.insert({9, ""}, {.at = 0, .limit = 2});
  CHECK(stream_of() == parsed(R"(["1",[["items-9",0,2,null]],[]])"));
  p.items.insert({7, ""}, {.is_update_only = true});
  CHECK(stream_of() == parsed(R"(["1",[["items-7",-1,null,true]],[]])"));
  p.items.insert({3, ""});
  p.items.reset();
  p.items.insert_all(std::vector<item>{{50, ""}, {2, ""}});
  CHECK(stream_of() == parsed(R"(["1",[["items-50",-1,null,null],["items-2",-1,null,null]],[],true])"));
  p.items.reset();
  CHECK(p.diff() == R"({"0":{"k":{"kc":0},"stream":["1",[],[],true]}})");
  CHECK(p.diff().empty());
}

TEST_CASE("what a render said of a stream is said again if it was not sent") {
  auto p = page{};
  (void)p.join();
  p.items.insert({1, "one"});
  p.tree.view_changed();
  const auto lost = p.tree.diff([&](render_context& c) { return p.render(c); });
  p.items.insert({2, "two"});
  const auto both = p.diff();
  CHECK(both.find("items-1") != std::string::npos);
  CHECK(both.find("items-2") != std::string::npos);
  CHECK(lost.find("items-1") != std::string::npos);
}

TEST_CASE("an item inserted while a message is on its way is in the next one") {
  auto p = page{};
  (void)p.join();
  p.items.insert({1, "one"});
  p.tree.view_changed();
  (void)p.tree.diff([&](render_context& c) { return p.render(c); });
  p.items.insert({2, "two"});
  p.tree.sent();
  CHECK(p.diff().find("items-2") != std::string::npos);
}

TEST_CASE("rows that are not the stream's items are refused") {
  auto p = page{};
  (void)p.join();
  p.items.insert({1, "one"});
  p.tree.view_changed();
  CHECK_THROWS_AS((void)p.tree.diff([&](render_context& c) {
    (void)c.begin({p.items});
    return rendered{page_template, comprehension{row_template, p.items}};
  }),
                  std::logic_error);
  auto unknown = stream<item>{"unknown"};
  CHECK_THROWS_AS((void)p.tree.diff([&](render_context&) {
    return rendered{page_template, comprehension{row_template, unknown}};
  }),
                  std::logic_error);
}

TEST_CASE("another stream in the place of one is sent with its template") {
  auto p = page{};
  auto other = stream<item>{"others"};
  (void)p.join();
  p.tree.view_changed();
  const auto message = p.tree.diff([&](render_context& c) {
    (void)c.begin({other});
    return rendered{page_template, comprehension{row_template, other}};
  });
  CHECK(parsed(message).at("0") == parsed(R"({"k":{"kc":0},"stream":["2",[],[]],"s":0})"));
}

TEST_CASE("ids come from the item or from a function, and a stream has a bound") {
  auto named = stream<std::string>{"words", [](const std::string& w) { return "w-" + w; }};
  named.insert("a");
  CHECK(named.placements().begin()->second.dom_id == "w-a");
  auto nameless = stream<std::string>{"words", [](const std::string&) { return std::string{}; }};
  CHECK_THROWS_AS(nameless.insert("a"), std::invalid_argument);
  CHECK_THROWS_AS(stream<item>{""}, std::logic_error);
  auto full = stream<item>{"full"};
  for (std::size_t i = 0; i < stream_pending_max; ++i)
    full.insert({static_cast<int>(i), {}});
  CHECK_THROWS_AS(full.insert({-1, {}}), std::length_error);
  full.insert({0, "again"});  // Not one more.
  CHECK(full.placements().size() == stream_pending_max);
}

namespace {

/// The children of a stream's container, as dom_patch.ts of the client treats them.
class stream_element {
public:
  using child = std::pair<std::string, std::string>;  // Id and text.
  const std::vector<child>& children() const { return children_; }

  /// One message: `["1",[[id,at,limit,update_only],...],[removed],true?]` with the rows in their order.
  void patch(const json& stream, const std::vector<child>& rows) {
    const auto& inserts = stream.at(1);
    const auto is_reset = stream.size() > 3;
    auto restored = std::vector<std::string>{};
    const auto take_away = [&](const std::string& id) {
      if (std::erase_if(children_, [&](const child& c) { return c.first == id; }) > 0)
        restored.push_back(id);
    };
    if (is_reset)
      for (const auto& c : std::vector<child>{children_})
        take_away(c.first);
    for (const auto& id : stream.at(2))
      take_away(id.get<std::string>());
    for (const auto& row : rows) {
      const auto how = std::ranges::find(inserts, row.first, [](const json& i) { return i.at(0).get<std::string>(); });
      REQUIRE(how != inserts.end());
      const auto is_restored = std::ranges::find(restored, row.first) != restored.end();
      const auto limit = how->at(2).is_null() ? std::nullopt : std::optional{how->at(2).get<int>()};
      insert(row, how->at(1).get<int>(), limit, how->at(3) == true && !is_restored);
    }
  }

  void insert(const child& row, int at, std::optional<int> limit, bool is_update_only) {
    const auto known = std::ranges::find(children_, row.first, &child::first);
    if (known != children_.end()) {
      known->second = row.second;
      return;
    }
    if (is_update_only)
      return;
    const auto place =
        at < 0 ? children_.size() : std::min<std::size_t>(static_cast<std::size_t>(at), children_.size());
    children_.insert(children_.begin() + static_cast<std::ptrdiff_t>(place), row);
    const auto count = static_cast<int>(children_.size());
    if (limit && *limit < 0 && count > -*limit)
      children_.erase(children_.begin(), children_.begin() + (count + *limit));
    else if (limit && *limit >= 0 && count > *limit)
      children_.resize(static_cast<std::size_t>(*limit));
  }
  void remove(const std::string& id) {
    std::erase_if(children_, [&](const child& c) { return c.first == id; });
  }
  void clear() { children_.clear(); }

private:
  std::vector<child> children_;
};

std::vector<stream_element::child> rows_of(const json& message) {
  auto out = std::vector<stream_element::child>{};
  const auto& rows = message.at("0").at("k");
  for (std::size_t i = 0; i < rows.at("kc").get<std::size_t>(); ++i) {
    const auto& row = rows.at(std::to_string(i));
    out.emplace_back(row.at("0").get<std::string>(), row.at("1").get<std::string>());
  }
  return out;
}

}  // namespace

TEST_CASE("a message about a stream has the effect of its steps one by one") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    auto random = seeded_random{seed};
    auto p = page{};
    (void)p.join();
    auto element = stream_element{};   // Patched by messages.
    auto expected = stream_element{};  // Each step at once.
    for (int turn = 0; turn < 8; ++turn) {
      CAPTURE(turn);
      for (auto steps = random.below(5); steps > 0; --steps) {
        const auto id = static_cast<int>(random.below(6));
        const auto dom_id = "items-" + std::to_string(id);
        if (random.below(12) == 0) {
          p.items.reset();
          expected.clear();
        } else if (random.below(4) == 0) {
          p.items.remove({id, ""});
          expected.remove(dom_id);
        } else {
          // A place between others depends on what was removed: the client removes first.
          auto how = stream_options{.at = static_cast<int>(random.below(2)) - 1};
          how.is_update_only = random.below(4) == 0;
          const auto text = std::to_string(random.below(1000));
          p.items.insert({id, text}, how);
          expected.insert({dom_id, text}, how.at, std::nullopt, how.is_update_only);
        }
      }
      const auto message = p.diff();
      CAPTURE(message);
      if (!message.empty()) {
        const auto diff = parsed(message);
        element.patch(diff.at("0").at("stream"), rows_of(diff));
      }
      REQUIRE(element.children() == expected.children());
    }
  }
}

TEST_CASE("a limit is kept when more is inserted at once than it allows") {
  auto p = page{};
  (void)p.join();
  auto element = stream_element{};
  for (int i = 0; i < 5; ++i)
    p.items.insert({i, "x"}, {.limit = -2});
  p.items.insert({0, "again"}, {.limit = -2});  // The page had lost it to the limit.
  const auto diff = parsed(p.diff());
  element.patch(diff.at("0").at("stream"), rows_of(diff));
  CHECK(element.children() == std::vector<stream_element::child>{{"items-4", "x"}, {"items-0", "again"}});
}
