#include "web/live/assign.hpp"

#include "web/live/render_context.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

using namespace beamline::web::live;

namespace {

struct assigns {
  assign<int> count{0};
  assign<std::vector<int>> list;
  temporary<std::string> line;
  std::string title;
};

/// A context, and one render of these assigns.
struct place {
  render_scope scope;
  render_context context{scope, 0, nullptr};

  changes render(const assigns& a) {
    context.start(false);
    return context.begin({a.count, a.list, a.line, a.title});
  }
};

constexpr std::uint64_t count = 1, list = 2, line = 4, title = 8;

}  // namespace

TEST_CASE("before anything was sent everything counts as changed") {
  auto p = place{};
  auto a = assigns{};
  CHECK(p.render(a).is_all());
  // Begun and not sent: still nothing is known.
  CHECK(p.render(a).is_all());
  p.context.sent();
  CHECK_FALSE(p.render(a).is_all());
}

TEST_CASE("after a render that was sent only what was set counts, and plain members always") {
  auto p = place{};
  auto a = assigns{};
  (void)p.render(a);
  p.context.sent();
  const auto nothing = p.render(a);
  CHECK_FALSE(nothing.has(count | list | line));
  CHECK(nothing.has(title));
  p.context.sent();

  a.count = 1;
  a.list.edit().push_back(3);
  const auto both = p.render(a);
  CHECK(both.has(count));
  CHECK(both.has(list));
  CHECK_FALSE(both.has(line));
  SUBCASE("which is said again as long as it was not sent") {
    const auto again = p.render(a);
    CHECK(again.has(count));
    CHECK(again.has(list));
  }
  SUBCASE("and a change after the render is not lost by sending it") {
    a.count = 2;
    p.context.sent();
    const auto next = p.render(a);
    CHECK(next.has(count));
    CHECK_FALSE(next.has(list));
  }
}

TEST_CASE("setting an equal value changes nothing, copying into a member is setting it") {
  auto p = place{};
  auto a = assigns{};
  a.count = 5;
  (void)p.render(a);
  p.context.sent();
  a.count = 5;
  CHECK_FALSE(p.render(a).has(count));
  auto other = assigns{};
  other.count = 5;
  a.count = other.count;
  CHECK_FALSE(p.render(a).has(count));
  other.count = 6;
  a.count = other.count;
  CHECK(p.render(a).has(count));
  CHECK(a.count == 6);
}

TEST_CASE("what cannot be compared counts as changed whenever it is set, also in a list") {
  struct opaque {
    int n = 0;
  };
  static_assert(detail::comparable<std::vector<std::optional<std::string>>>);
  static_assert(detail::comparable<std::map<std::string, std::vector<int>>>);
  static_assert(detail::comparable<nlohmann::json>);
  static_assert(!detail::comparable<std::vector<std::vector<opaque>>>);
  static_assert(!detail::comparable<std::map<int, opaque>>);
  auto p = place{};
  auto rows = assign<std::vector<opaque>>{};
  rows = std::vector<opaque>{{1}};
  const auto is_changed = [&] {
    p.context.start(false);
    const auto it_is = p.context.begin({rows}).has(1);
    p.context.sent();
    return it_is;
  };
  CHECK(is_changed());
  CHECK_FALSE(is_changed());
  rows = std::vector<opaque>{{1}};
  CHECK(is_changed());
}

TEST_CASE("an object put in another's place counts as changed, whatever it holds") {
  auto p = place{};
  auto a = std::optional<assigns>{std::in_place};
  (void)p.render(*a);
  p.context.sent();
  a.emplace();
  CHECK(p.render(*a).has(count));
  // Also if that render is thrown away.
  CHECK(p.render(*a).has(count));
}

TEST_CASE("two contexts of one view see the same member change, each once it is sent") {
  auto scope = render_scope{};
  auto view = render_context{scope, 0, nullptr};
  auto component = render_context{scope, 1, nullptr};
  auto flash = assign<flash_messages>{};
  const auto has_changed = [&](render_context& c) {
    c.start(false);
    return c.begin({flash}).has(1);
  };
  (void)has_changed(view);
  (void)has_changed(component);
  view.sent();
  component.sent();
  flash.edit()["info"] = "saved";
  CHECK(has_changed(view));
  view.sent();
  CHECK_FALSE(has_changed(view));
  CHECK(has_changed(component));
}

TEST_CASE("a temporary value is gone once it was sent, and that is no change") {
  auto p = place{};
  auto a = assigns{};
  a.line = "one";
  (void)p.render(a);
  CHECK(*a.line == "one");
  p.context.sent();
  CHECK(a.line->empty());
  CHECK_FALSE(p.render(a).has(line));
  a.line = "two";
  CHECK(p.render(a).has(line));
  SUBCASE("unless it was set again meanwhile") {
    a.line = "three";
    p.context.sent();
    CHECK(*a.line == "three");
    CHECK(p.render(a).has(line));
  }
}

TEST_CASE("members beyond the 63rd share one bit") {
  auto scope = render_scope{};
  auto context = render_context{scope, 0, nullptr};
  auto a = std::array<assign<int>, 2>{};
  const auto& x = a[0];
  const auto render = [&] {
    context.start(false);
    return context.begin({x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x,   x, x,
                          x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x,   x, x,
                          x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, a[1]});
  };
  (void)render();
  context.sent();
  a[1] = 7;
  const auto seen = render();
  CHECK(seen.has(std::uint64_t{1} << 63));
  CHECK_FALSE(seen.has(~(std::uint64_t{1} << 63)));
}

TEST_CASE("one render begins once") {
  auto p = place{};
  auto a = assigns{};
  (void)p.render(a);
  CHECK_THROWS_AS(p.context.begin({a.count}), std::logic_error);
}
