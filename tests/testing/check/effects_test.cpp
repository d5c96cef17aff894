#include "testing/check/effects.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct taken {
  static constexpr std::string_view event_name = "test.taken";
  std::string_view id;
  BEAMLINE_EVENT(id)
};
struct stored {
  static constexpr std::string_view event_name = "test.stored";
  std::string_view id;
  BEAMLINE_EVENT(id)
};

using once = effects<taken, stored>;

struct bench {
  effect_counts rows;
  once c;
  world w;

  explicit bench(bool has_final_state)
      : c{"exactly-once", [](const taken& e) { return std::string{e.id}; },
          [](const stored& e) { return std::string{e.id}; },
          has_final_state ? [this](world&) { return rows; } : std::function<effect_counts(world&)>{}} {
    w.add_observer(c);
  }
  [[nodiscard]] std::string at_end() {
    c.at_end(w);
    return c.broken() ? c.broken()->evidence : "";
  }
};

}  // namespace

TEST_CASE("what was accepted and applied once is fine, on whatever node") {
  bench b{false};
  auto &one = b.w.start_node("a@sim"), &two = b.w.start_node("b@sim");
  one.events().emit(taken{"x"});
  two.events().emit(taken{"y"});
  two.events().emit(stored{"x"});
  two.events().emit(stored{"y"});
  CHECK(b.at_end() == "");
  CHECK(b.c.accepted() == 2);
  CHECK(b.c.applied() == 2);
}

TEST_CASE("what is applied twice is caught at once") {
  bench b{true};
  auto& n = b.w.start_node("a@sim");
  n.events().emit(stored{"x"});
  b.w.advance(1ms);
  n.events().emit(stored{"x"});
  REQUIRE(b.c.broken());
  CHECK(b.c.broken()->invariant == "exactly-once");
  CHECK(b.c.broken()->evidence == "\"x\" was applied twice: on a@sim at 1us and on a@sim at 1.001ms (I38)");
}

TEST_CASE("what is lost is caught at the end") {
  bench b{false};
  b.w.start_node("a@sim").events().emit(taken{"x"});
  CHECK_FALSE(b.c.broken());
  CHECK(b.at_end() == "\"x\", accepted by a@sim at 1us, is lost at the end: it was never applied (I37)");
}

TEST_CASE("the final state has the last word") {
  bench b{true};
  auto& n = b.w.start_node("a@sim");
  n.events().emit(taken{"x"});
  SUBCASE("applied, though the event was lost with its node") {
    b.rows = {{"x", 1}};
    CHECK(b.at_end() == "");
  }
  SUBCASE("told applied, but not there") {
    n.events().emit(stored{"x"});
    CHECK(b.at_end()
          == "\"x\", accepted by a@sim at 1us, is lost at the end, although a@sim told it applied at 1us (I37)");
  }
  SUBCASE("there twice") {
    b.rows = {{"x", 2}};
    CHECK(b.at_end() == "\"x\" has had its effect 2 times at the end (I38)");
  }
  SUBCASE("an effect that nobody was told accepted is none of our business") {
    b.rows = {{"x", 1}, {"y", 1}};
    CHECK(b.at_end() == "");
  }
}
