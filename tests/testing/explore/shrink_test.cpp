#include "testing/explore/shrink.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// Faults 0 to n-1, each at its own moment.
plan plan_with(std::uint32_t n) {
  plan p;
  p.seed = 4711;
  for (std::uint32_t i = 0; i < n; ++i)
    p.faults.push_back({.what = fault_kind::crash, .node = "a@sim", .at = i * 10ms, .id = i});
  return p;
}

bool has(const plan& p, std::uint32_t id) {
  return std::any_of(p.faults.begin(), p.faults.end(), [&](const fault& f) { return f.id == id; });
}

run_result broken(std::string invariant, duration at = 100ms) {
  run_result r;
  r.broken = violation{std::move(invariant), "evidence"};
  r.broken_at = at;
  return r;
}

std::set<std::uint32_t> ids(const plan& p) {
  std::set<std::uint32_t> out;
  for (const auto& f : p.faults)
    out.insert(f.id);
  return out;
}

}  // namespace

TEST_CASE("shrinking leaves the two faults that are both needed") {
  std::size_t runs = 0;
  auto run = [&](const plan& p, const run_options& o) {
    CHECK(o.is_recorded);
    ++runs;
    return has(p, 3) && has(p, 7) ? broken("lost") : run_result{};
  };
  auto failing = plan_with(16);
  auto s = shrink(failing, broken("lost"), run);
  CHECK(ids(s.smallest) == std::set<std::uint32_t>{3, 7});
  CHECK(s.runs == runs);
  CHECK(s.runs < 60);
  REQUIRE(s.outcome.broken);
  CHECK(s.outcome.broken->invariant == "lost");
}

TEST_CASE("what shrinking leaves is minimal, whatever is needed") {
  for (std::uint32_t mask = 0; mask < 256; ++mask) {
    std::set<std::uint32_t> needed;
    for (std::uint32_t i = 0; i < 8; ++i)
      if ((mask >> i & 1) != 0)
        needed.insert(i * 2);
    auto run = [&](const plan& p, const run_options&) {
      return std::all_of(needed.begin(), needed.end(), [&](auto id) { return has(p, id); }) ? broken("x")
                                                                                            : run_result{};
    };
    auto s = shrink(plan_with(16), broken("x"), run);
    CHECK(ids(s.smallest) == needed);
  }
}

TEST_CASE("a fault that is needed only with this seed's draws goes, with another seed") {
  // Two things fall together in every third seed; faults 1 and 5 make them do so in all of them.
  auto run = [](const plan& p, const run_options&) {
    return has(p, 2) && (p.seed % 3 == 0 || (has(p, 1) && has(p, 5))) ? broken("x") : run_result{};
  };
  auto failing = plan_with(8);
  failing.seed = 4;
  auto s = shrink(failing, broken("x"), run);
  CHECK(ids(s.smallest) == std::set<std::uint32_t>{2});
  CHECK(s.smallest.seed % 3 == 0);
}

TEST_CASE("shrinking never goes over to another invariant") {
  // Without fault 3 something else breaks, and sooner.
  auto run = [&](const plan& p, const run_options&) { return has(p, 3) ? broken("lost") : broken("doubled", 1ms); };
  auto s = shrink(plan_with(8), broken("lost"), run);
  CHECK(ids(s.smallest) == std::set<std::uint32_t>{3});
  CHECK(s.outcome.broken->invariant == "lost");
}

TEST_CASE("shrinking ends when its runs are used up, with the best so far") {
  std::size_t runs = 0;
  auto run = [&](const plan& p, const run_options&) {
    ++runs;
    return has(p, 3) && has(p, 7) ? broken("lost") : run_result{};
  };
  for (std::size_t max : {0U, 1U, 5U, 9U}) {
    runs = 0;
    auto s = shrink(plan_with(64), broken("lost"), run, max);
    CHECK(runs == max);
    CHECK(s.runs == max);
    CHECK(has(s.smallest, 3));
    CHECK(has(s.smallest, 7));
  }
}

TEST_CASE("a failure that does not come back is left as it was, after one run") {
  std::size_t runs = 0;
  auto s = shrink(plan_with(4), broken("lost"), [&](const plan&, const run_options&) {
    ++runs;
    return run_result{};
  });
  CHECK(runs == 1);
  CHECK(s.smallest == plan_with(4));
  CHECK(s.outcome.broken->invariant == "lost");
}

TEST_CASE("nothing is run for a plan that broke nothing") {
  auto s = shrink(plan_with(4), run_result{}, [&](const plan&, const run_options&) -> run_result {
    FAIL("was run");
    return {};
  });
  CHECK(s.runs == 0);
  CHECK(s.smallest == plan_with(4));
}

TEST_CASE("the horizon is cut to the violation") {
  auto run = [](const plan& p, const run_options&) { return p.horizon >= 300ms ? broken("x", 300ms) : run_result{}; };
  CHECK(shrink(plan_with(0), broken("x", 300ms), run).smallest.horizon == 301ms);
}

TEST_CASE("a violation that shows only at the end still cuts the horizon, by halves") {
  auto run = [](const plan& p, const run_options&) {
    return p.horizon >= 400ms ? broken("x", p.horizon + 3s) : run_result{};
  };
  CHECK(shrink(plan_with(0), broken("x", 5s), run).smallest.horizon == 500ms);
}

TEST_CASE("faults that are bound to time are tied to events, so that others can go") {
  // Fault 0 delays everything by 5 ms; fault 1 hurts only right at the third commit, which it does when it is tied to
  // it.
  auto run = [](const plan& p, const run_options&) {
    duration third_commit = has(p, 0) ? 10ms : 5ms;
    for (const auto& f : p.faults) {
      if (f.id != 1)
        continue;
      auto struck = f.event == "commit" && f.nth == 3 ? third_commit + f.delay : f.at;
      if (struck < third_commit || struck > third_commit + 1us)
        break;
      auto r = broken("torn", struck);
      r.anchored[1] = f;
      r.anchored[1].at = {};
      r.anchored[1].event = "commit";
      r.anchored[1].nth = 3;
      r.anchored[1].delay = struck - third_commit;
      return r;
    }
    return run_result{};
  };
  auto failing = plan_with(2);
  failing.faults[1].at = 10ms + 700ns;
  auto s = shrink(failing, broken("torn", failing.faults[1].at), run);
  REQUIRE(s.smallest.faults.size() == 1);
  CHECK(to_string(s.smallest.faults[0]) == "crash a@sim after commit #3");
}

TEST_CASE("a delay that matters is kept, in whole microseconds if that will do") {
  auto run_if = [](auto is_hit) {
    return [is_hit](const plan& p, const run_options&) {
      return p.faults.size() == 1 && is_hit(p.faults[0].delay) ? broken("x") : run_result{};
    };
  };
  auto failing = plan_with(1);
  failing.faults[0] = {.what = fault_kind::crash, .node = "a@sim", .event = "e", .delay = 3'700ns};
  CHECK(shrink(failing, broken("x"), run_if([](duration d) { return d >= 2us; })).smallest.faults[0].delay == 3us);
  CHECK(shrink(failing, broken("x"), run_if([](duration d) { return d == 3'700ns; })).smallest.faults[0].delay
        == 3'700ns);
}

TEST_CASE("the climate is calmed as a whole, or part by part") {
  auto failing = plan_with(0);
  failing.weather.hold_ppm = 40'000;
  failing.weather.reset_ppm = 2000;
  failing.weather.skew_max = 500ms;
  failing.weather.latency = {1ms, 60ms};
  failing.weather.commit = {5ms, 80ms};
  failing.weather.step_cost = {50us, 1ms};
  SUBCASE("nothing of it matters") {
    auto s = shrink(failing, broken("x"), [](const plan&, const run_options&) { return broken("x"); });
    climate usual;
    usual.choice = schedule::fifo;
    usual.hold_ppm = 0;
    CHECK(s.smallest.weather == usual);
  }
  SUBCASE("slow links matter") {
    auto s = shrink(failing, broken("x"), [](const plan& p, const run_options&) {
      return p.weather.latency.max == 60ms ? broken("x") : run_result{};
    });
    CHECK(s.smallest.weather.latency == span{1ms, 60ms});
    CHECK(s.smallest.weather.commit == climate{}.commit);
    CHECK(s.smallest.weather.step_cost == climate{}.step_cost);
    CHECK(s.smallest.weather.hold_ppm == 0);
    CHECK(s.smallest.weather.reset_ppm == 0);
    CHECK(s.smallest.weather.skew_max == duration{});
  }
}

TEST_CASE("a failure that needs no special order gets the dullest one") {
  auto failing = plan_with(0);
  failing.weather.choice = schedule::pct;
  failing.weather.pct_depth = 5;
  auto s = shrink(failing, broken("x"), [](const plan&, const run_options&) { return broken("x"); });
  CHECK(s.smallest.weather.choice == schedule::fifo);
  CHECK(s.smallest.weather.pct_depth == climate{}.pct_depth);
  CHECK_FALSE(s.smallest.script);
}

TEST_CASE("an order that matters is written down, and its choices are reduced to the one that does it") {
  auto made = schedule_script{{3, 1}, {17, 2}, {49, 1}, {50, 3}, {112, 1}};
  auto run = [&](const plan& p, const run_options&) {
    bool fails = p.script ? p.script->contains(49) : p.weather.choice == schedule::uniform;
    auto r = fails ? broken("race") : run_result{};
    r.choices = p.script.value_or(made);
    return r;
  };
  auto s = shrink(plan_with(3), broken("race"), run);
  CHECK(s.smallest.script == schedule_script{{49, 1}});
  CHECK(s.smallest.weather.choice == schedule::fifo);
  CHECK(s.smallest.faults.empty());
  SUBCASE("a plan that has a script already is reduced, too") {
    auto scripted = plan_with(0);
    scripted.script = made;
    CHECK(shrink(scripted, broken("race"), run).smallest.script == schedule_script{{49, 1}});
  }
}
