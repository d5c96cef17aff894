#include "testing/cluster.hpp"
#include "testing/faults/injector.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct ticked {
  static constexpr std::string_view event_name = "clock.tick";
  std::uint64_t n = 0;
  BEAMLINE_EVENT(n)
};
struct ticked_loudly {
  static constexpr std::string_view event_name = "clock.tick_loud";
  std::uint64_t n = 0;
  BEAMLINE_EVENT(n)
};

/// Ticks every 10 ms, from the beginning of its node; every second one is loud, too.
class ticker : public process {
public:
  using process::process;
  behavior init() override {
    run_after(10ms, [this] { tick(); });
    return handlers();
  }

private:
  void tick() {
    env().events().emit(ticked{++n_});
    if (n_ % 2 == 0)
      env().events().emit(ticked_loudly{n_});
    is_ticking = true;
    run_after(10ms, [this] { tick(); });
    is_ticking = false;
  }

  std::uint64_t n_ = 0;

public:
  inline static thread_local bool is_ticking = false;
};

/// Notes when nodes end and which ticks there were.
class witness final : public observer {
public:
  explicit witness(testing::world& w) : world_{w} { world_.add_observer(*this); }
  ~witness() override { world_.remove_observer(*this); }
  [[nodiscard]] bool wants_events() const override { return true; }
  void on_event(simulated_node& n, const event_view& e) override {
    if (e.name() == ticked::event_name)
      ticks.emplace_back(n.name(), world_.elapsed());
  }
  void on_end(simulated_node& n, node_end how) override {
    CHECK_FALSE(ticker::is_ticking);
    if (how != node_end::stop)
      ends.emplace_back(n.name(), world_.elapsed());
  }

  std::vector<std::pair<std::string, duration>> ticks, ends;

private:
  testing::world& world_;
};

struct town {
  explicit town(std::vector<fault> faults, injector::options o = {})
      : c{w, {"a@sim", "b@sim"}, [](simulated_node& n) { n.spawn<ticker>(); }},
        seer{w},
        inject{c, std::move(faults), std::move(o)} {
    c.start();
  }

  testing::world w{1};
  cluster c;
  witness seer;
  injector inject;
};

fault read(std::string_view line, std::uint32_t id = 0) {
  auto f = parse_fault(line);
  REQUIRE(f.ok());
  f->id = id;
  return *f;
}

}  // namespace

TEST_CASE("a fault strikes at its moment") {
  town t{{read("crash a@sim at 123ms for 20ms")}};
  t.c.advance(300ms);
  REQUIRE(t.seer.ends.size() == 1);
  CHECK(t.seer.ends[0].first == "a@sim");
  CHECK(t.seer.ends[0].second >= 123ms);
  CHECK(t.seer.ends[0].second < 123ms + 50us);
  CHECK(t.c.is_up("a@sim"));
  CHECK(t.c.at("a@sim").starts() == 2);
  CHECK(t.inject.seen().at("crash") == 1);
}

TEST_CASE("a fault strikes right after the nth event on its node, never inside the handler that emitted it") {
  town t{{read("power_loss b@sim after clock.tick #3 for 20ms")}};
  t.c.advance(300ms);
  REQUIRE(t.seer.ends.size() == 1);
  CHECK(t.seer.ends[0].first == "b@sim");
  std::vector<duration> on_b;
  for (const auto& [node, at] : t.seer.ticks)
    if (node == "b@sim" && on_b.size() < 3)
      on_b.push_back(at);
  CHECK(t.seer.ends[0].second >= on_b[2]);
  CHECK(t.seer.ends[0].second < on_b[2] + 50us);
}

TEST_CASE("a fault may strike a while after its event") {
  town t{{read("crash a@sim 3ms after clock.tick #2")}};
  t.c.advance(100ms);
  REQUIRE(t.seer.ends.size() == 1);
  CHECK(t.seer.ends[0].second >= 23ms);
  CHECK(t.seer.ends[0].second < 24ms);
}

TEST_CASE("events are counted since the first start of the machine, over its restarts") {
  town t{{read("crash a@sim after clock.tick #3"), read("crash a@sim after clock.tick #5")}};
  t.c.advance(200ms);
  // The second one comes two ticks after the restart.
  REQUIRE(t.seer.ends.size() == 2);
  CHECK(t.seer.ends[1].second - t.seer.ends[0].second > 19ms);
  CHECK(t.seer.ends[1].second - t.seer.ends[0].second < 22ms);
}

TEST_CASE("an event whose name only begins alike does not count") {
  town t{{read("crash a@sim after clock.tick #4")}, {.counted = {"clock.tick"}}};
  t.c.advance(35ms);
  CHECK(t.seer.ends.empty());
  CHECK(t.inject.seen().at("clock.tick") == 6);  // Both nodes.
  t.c.advance(10ms);
  CHECK(t.seer.ends.size() == 1);
}

TEST_CASE("what was asked for is counted on all nodes together, and only that") {
  town t{{read("pause a@sim at 100ms for 5ms"), read("pause b@sim at 101ms for 5ms")},
         {.counted = {"clock.tick_loud", "clock.never"}}};
  t.c.advance(205ms);
  CHECK(t.inject.seen() == std::map<std::string, std::uint64_t>{{"clock.tick_loud", 20}, {"pause", 2}});
}

TEST_CASE("nobody looks at events that no fault is tied to") {
  town t{{read("crash a@sim after clock.tick #1000")}};
  // The witness looks at everything; without it only ticks are looked at.
  t.w.remove_observer(t.seer);
  t.c.crash("a@sim");
  t.c.start("a@sim");
  CHECK(t.c["a@sim"].events().wants<ticked>());
  town idle{{}};
  idle.w.remove_observer(idle.seer);
  idle.c.crash("a@sim");
  idle.c.start("a@sim");
  CHECK_FALSE(idle.c["a@sim"].events().wants<ticked>());
}

TEST_CASE("after disarming nothing strikes any more, armed or not") {
  town t{{read("crash a@sim at 50ms"), read("crash a@sim 5ms after clock.tick #2"),
          read("crash b@sim after clock.tick #8")}};
  t.c.advance(22ms);  // The second one is under way.
  t.inject.disarm();
  t.c.advance(200ms);
  CHECK(t.seer.ends.empty());
  CHECK(t.inject.seen().empty());
}

TEST_CASE("a fault on a node that is down, or at somebody who is not there, does nothing") {
  town t{{read("crash a@sim at 10ms for 50ms"), read("crash a@sim at 20ms for 1ms"),
          read("pause a@sim at 30ms for 1ms"), read("kill a@sim nobody at 100ms"), read("kill a@sim nobody at 40ms")}};
  t.c.advance(200ms);
  CHECK(t.seer.ends.size() == 1);
  CHECK(t.c.at("a@sim").starts() == 2);
}

TEST_CASE("every kind of fault can be injected, and the cluster recovers from all of them") {
  std::vector<fault> all;
  for (const auto* line :
       {"crash a@sim at 10ms for 30ms", "power_loss b@sim at 12ms for 30ms", "kill a@sim x at 60ms",
        "partition a@sim | b@sim at 61ms for 1s", "partition_one_way b@sim -> a@sim at 62ms for 1s",
        "reset a@sim | b@sim at 63ms", "half_open a@sim | b@sim at 64ms", "stall a@sim | b@sim at 65ms for 1s",
        "slow_link a@sim | b@sim to 2 octets/ms at 66ms for 1s", "pause a@sim at 67ms for 1s",
        "disk_full a@sim at 68ms for 1s", "disk_error b@sim at 69ms for 1s", "slow_disk a@sim times 4 at 70ms for 1s",
        "clock_step a@sim by -2s at 71ms", "dns_outage b@sim at 72ms for 1s"})
    all.push_back(read(line));
  town t{all};
  t.c.advance(100ms);
  CHECK(t.inject.seen().size() == fault_kinds);
  t.inject.disarm();
  t.c.recover();
  t.seer.ticks.clear();
  t.c.advance(25ms);
  CHECK(t.seer.ticks.size() >= 4);  // The one that was paused catches up.
}

TEST_CASE("recorded: each fault that struck is tied to the last event on its node before it") {
  std::vector<fault> faults{read("pause a@sim at 25ms for 1ms", 7), read("crash b@sim 2ms after clock.tick #3", 9),
                            read("pause a@sim at 5ms for 1ms", 11), read("pause a@sim at 5s for 1ms", 13)};
  town t{faults, {.is_recorded = true}};
  t.c.advance(60ms);
  CHECK(t.inject.anchored().size() == 3);  // 5 s is still to come.
  CHECK(t.inject.anchored().at(11).event == "process.started");
  const auto& pause = t.inject.anchored().at(7);
  CHECK(pause.event == "clock.tick_loud");
  CHECK(pause.nth == 1);
  CHECK(pause.id == 7);
  CHECK(pause.delay < 5ms);
  CHECK(pause.delay > 4900us);
  const auto& crash = t.inject.anchored().at(9);
  CHECK(crash.event == "clock.tick");
  CHECK(crash.nth == 3);
  CHECK(crash.delay == 2ms);
}

TEST_CASE("recorded: an event that is counted says more than the last one, if it was there a moment ago") {
  for (auto [at, event] : {std::pair{"21ms", "clock.tick"}, std::pair{"25ms", "clock.tick_loud"}}) {
    town t{{read(std::string{"pause a@sim at "} + at + " for 1ms")}, {.counted = {"clock.tick"}, .is_recorded = true}};
    t.c.advance(60ms);
    CHECK(t.inject.anchored().at(0).event == event);
  }
}

TEST_CASE("a fault before the first event of its node has nothing to be tied to") {
  testing::world w{1};
  cluster c{w, {"a@sim"}, [](simulated_node&) {}};
  injector inject{c, {read("pause a@sim at 5ms for 1ms")}, {.is_recorded = true}};
  c.start();
  c.advance(60ms);
  CHECK(inject.seen().at("pause") == 1);
  CHECK(inject.anchored().empty());
}

TEST_CASE("tied to its anchor a fault strikes at the very same moment, recorded or not") {
  auto hash_of = [](std::vector<fault> faults, bool is_recorded, std::map<std::uint32_t, fault>* anchors = nullptr) {
    town t{std::move(faults), {.is_recorded = is_recorded}};
    t.c.advance(100ms);
    if (anchors != nullptr)
      *anchors = t.inject.anchored();
    REQUIRE(t.seer.ends.size() == 1);
    return std::pair{t.w.trace_hash(), t.seer.ends[0].second};
  };
  std::vector<fault> free{read("crash a@sim at 33.333ms for 5ms")};
  std::map<std::uint32_t, fault> anchors;
  auto recorded = hash_of(free, true, &anchors);
  CHECK(hash_of(free, false) == recorded);
  auto tied = hash_of({anchors.at(0)}, false);
  CHECK(tied.second == recorded.second);
}
