#include "testing/check/all_gone.hpp"

#include "actors/process.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct hang {};

class busy final : public process {
public:
  using process::process;
  behavior init() override {
    run_after(1h, [] {});
    return handlers([](const hang&) { block(1h); });
  }
};

struct bench {
  all_gone c;
  world w;
  bench() { w.add_observer(c); }
  [[nodiscard]] std::string found() const { return c.broken() ? c.broken()->evidence : ""; }
};

}  // namespace

TEST_CASE("a node that crashes or stops leaves nothing behind") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  n.get().spawn_as<busy>({.name = "busy"});
  b.w.run();
  SUBCASE("crash") { b.w.crash_node(n); }
  SUBCASE("power loss") { b.w.end_node(n, node_end::power_loss); }
  SUBCASE("stop") { CHECK(b.w.stop_node(n).is_clean()); }
  b.w.start_node("a@sim");
  b.c.at_end(b.w);
  CHECK(b.found() == "");
}

TEST_CASE("a timer of a past incarnation is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  auto incarnation = n.incarnation();
  b.w.crash_node(n);
  b.w.at(
      b.w.now() + 1h, [] {}, incarnation);
  SUBCASE("at the next start") { b.w.start_node("b@sim"); }
  SUBCASE("at the end") { b.c.at_end(b.w); }
  CHECK(b.found() == "a@sim, incarnation 1, has ended, but 1 of its timers and events are still to come");
}

TEST_CASE("a process object that somebody holds is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  auto p = n.spawn<busy>();
  b.w.run();
  // For ever: to let go of it after its node is the crash that the checker warns of.
  static auto* held = new caf::strong_actor_ptr;
  *held = n.processes().find(p.id());
  b.w.crash_node(n);
  b.c.at_end(b.w);
  CHECK(
      b.found().starts_with("a@sim, incarnation 1, has ended, but the object of (anonymous namespace)::busy <a@sim."));
  CHECK(b.found().ends_with("still exists: somebody holds it"));
}

TEST_CASE("who does not stop in order is caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  auto p = n.get().spawn_as<busy>({.name = "busy"});
  n.cast(p, hang{});
  b.w.pass(1ms);
  CHECK_FALSE(b.w.stop_node(n, 1s).is_clean());
  CHECK(b.found().starts_with("a@sim was stopped in order, but (anonymous namespace)::busy \"busy\" <a@sim."));
  CHECK(b.found().ends_with("is still there, with the name \"busy\""));
}
