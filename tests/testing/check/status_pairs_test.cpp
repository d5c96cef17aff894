#include "testing/check/status_pairs.hpp"

#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct bench {
  status_pairs c;
  world w;
  bench() { w.add_observer(c); }

  void up(simulated_node& n, std::string_view peer, std::uint64_t incarnation) {
    n.events().emit(net::link_changed{peer, incarnation, "host", "up", "", 1});
  }
  void down(simulated_node& n, std::string_view peer, std::uint64_t incarnation) {
    n.events().emit(net::link_changed{peer, incarnation, "host", "down", "connection_closed", 0});
  }
  [[nodiscard]] std::string found() const { return c.broken() ? c.broken()->evidence : ""; }
};

}  // namespace

TEST_CASE("up and down in turns, with growing incarnations, are fine for each peer by itself") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  b.up(n, "b@sim", 2);
  b.up(n, "c@sim", 1);
  b.down(n, "b@sim", 2);
  b.up(n, "b@sim", 2);  // A reconnect.
  b.down(n, "b@sim", 2);
  b.up(n, "b@sim", 5);
  b.down(n, "c@sim", 1);
  CHECK(b.found() == "");
  SUBCASE("a node that ends forgets, whatever was up") {
    b.w.crash_node(n);
    auto& again = b.w.start_node("a@sim");
    b.up(again, "b@sim", 2);
    CHECK(b.found() == "");
  }
}

TEST_CASE("an up without a down before is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  b.up(n, "b@sim", 2);
  b.up(n, "b@sim", 3);
  CHECK(b.found()
        == "a@sim at 1us: b@sim incarnation 3 is up, but incarnation 2 is still up: its down is missing (I1)");
}

TEST_CASE("a down of what was not up is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  SUBCASE("never") { b.down(n, "b@sim", 2); }
  SUBCASE("twice") {
    b.up(n, "b@sim", 2);
    b.down(n, "b@sim", 2);
    b.down(n, "b@sim", 2);
  }
  CHECK(b.found() == "a@sim at 1us: b@sim incarnation 2 is down, but it was not up (I1)");
}

TEST_CASE("a down of another incarnation is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  b.up(n, "b@sim", 3);
  b.down(n, "b@sim", 2);
  CHECK(b.found() == "a@sim at 1us: b@sim incarnation 2 is down, but incarnation 3 was (I1)");
}

TEST_CASE("a stale incarnation is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  b.up(n, "b@sim", 3);
  b.down(n, "b@sim", 3);
  b.up(n, "b@sim", 2);
  CHECK(b.found()
        == "a@sim at 1us: b@sim incarnation 2 is up, but incarnation 3 was up before: a stale one was taken in (I2)");
}
