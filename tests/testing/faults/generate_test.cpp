#include "testing/faults/plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace beamline;
using namespace beamline::testing;

namespace {

constexpr std::uint64_t plans = 2000;

const fault_menu everything{.nodes = {"a@sim", "b@sim", "c@sim"},
                            .killable = {"outbox", "accumulator"},
                            .triggers = {"outbox.accepted", "store.commit"},
                            .kinds = {},
                            .faults_max = 4};

template <class F>
void for_each_plan(const fault_menu& menu, F&& f) {
  for (std::uint64_t seed = 1; seed <= plans; ++seed)
    f(generate_plan(seed, menu));
}

std::size_t count_of(const plan& p, fault_kind k) {
  return static_cast<std::size_t>(
      std::count_if(p.faults.begin(), p.faults.end(), [&](const fault& f) { return f.what == k; }));
}

/// Within a fifth.
bool is_about(std::uint64_t n, std::uint64_t expected) { return n * 5 > expected * 4 && n * 5 < expected * 6; }

}  // namespace

TEST_CASE("the same seed gives the same plan, another one another") {
  CHECK(generate_plan(7, everything) == generate_plan(7, everything));
  CHECK(generate_plan(7, everything) != generate_plan(8, everything));
}

TEST_CASE("every kind of fault occurs, and each is fully off in about half of the plans") {
  std::map<fault_kind, std::uint64_t> off;
  std::map<fault_kind, std::set<std::size_t>> counts;
  for_each_plan(everything, [&](const plan& p) {
    for (std::size_t i = 0; i < fault_kinds; ++i) {
      auto k = static_cast<fault_kind>(i);
      auto n = count_of(p, k);
      counts[k].insert(n);
      off[k] += n == 0 ? 1 : 0;
    }
  });
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    auto k = static_cast<fault_kind>(i);
    CAPTURE(to_string(k));
    CHECK(is_about(off[k], plans / 2));
    CHECK(counts[k] == std::set<std::size_t>{0, 1, 2, 3, 4});
  }
}

TEST_CASE("kinds are off independently of each other") {
  std::uint64_t both = 0;
  for_each_plan(everything, [&](const plan& p) {
    both += count_of(p, fault_kind::crash) == 0 && count_of(p, fault_kind::partition) == 0 ? 1 : 0;
  });
  CHECK(is_about(both, plans / 4));
}

TEST_CASE("half of the faults are tied to events, near ones more often than far ones") {
  std::uint64_t tied = 0, free = 0, at_once = 0, early = 0;
  std::uint32_t last = 0;
  for_each_plan(everything, [&](const plan& p) {
    for (const auto& f : p.faults) {
      if (f.event.empty()) {
        ++free;
        CHECK(f.at >= p.horizon / 100);
        CHECK(f.at <= p.horizon * 9 / 10);
        continue;
      }
      ++tied;
      CHECK(f.delay <= 2ms);
      at_once += f.delay == duration{} ? 1 : 0;
      early += f.nth <= 16 ? 1 : 0;
      last = std::max(last, f.nth);
    }
  });
  CHECK(is_about(tied, (tied + free) / 2));
  CHECK(is_about(at_once, tied / 2));
  CHECK(early > tied / 2);
  CHECK(last == 60);
}

TEST_CASE("each fault has what its kind needs, and nothing else") {
  for_each_plan(everything, [&](const plan& p) {
    for (const auto& f : p.faults) {
      auto shape = shape_of(f.what);
      CHECK(f.other.empty() == !shape.has_other);
      CHECK(f.node != f.other);
      CHECK(f.target.empty() == !shape.has_target);
      CHECK((f.amount == 0) == !shape.has_amount);
      CHECK((f.lasts == duration{}) == !shape.has_lasts);
      CHECK((f.lasts > duration{} || !shape.has_lasts || f.what == fault_kind::clock_step));
    }
  });
}

TEST_CASE("clocks jump both ways, a little and by hours") {
  duration back{}, forth{};
  for_each_plan(everything, [&](const plan& p) {
    for (const auto& f : p.faults)
      if (f.what == fault_kind::clock_step) {
        back = std::min(back, f.lasts);
        forth = std::max(forth, f.lasts);
      }
  });
  CHECK(back < -1h);
  CHECK(forth > 1h);
}

TEST_CASE("every plan has its own climate") {
  std::map<schedule, std::uint64_t> choices;
  std::set<std::uint32_t> depths;
  std::set<duration> steps, latencies, commits;
  std::uint64_t calm = 0, steady = 0, true_clocks = 0;
  for_each_plan(everything, [&](const plan& p) {
    const auto& w = p.weather;
    ++choices[w.choice];
    if (w.choice == schedule::pct)
      depths.insert(w.pct_depth);
    steps.insert(w.step_cost.max);
    latencies.insert(w.latency.max);
    commits.insert(w.commit.max);
    calm += w.hold_ppm == 0 ? 1 : 0;
    steady += w.reset_ppm == 0 ? 1 : 0;
    true_clocks += w.skew_max == duration{} ? 1 : 0;
  });
  for (auto s : {schedule::fifo, schedule::uniform, schedule::pct})
    CHECK(is_about(choices[s], plans / 3));
  CHECK(depths == std::set<std::uint32_t>{1, 2, 3, 4, 5});
  CHECK(steps.size() == 3);
  CHECK(latencies.size() == 3);
  CHECK(commits.size() == 3);
  CHECK(is_about(calm, plans / 2));
  CHECK(is_about(steady, plans * 2 / 3));
  CHECK(is_about(true_clocks, plans / 2));
}

TEST_CASE("kinds that a menu cannot serve are left out") {
  SUBCASE("nobody to kill") {
    auto menu = everything;
    menu.killable.clear();
    for_each_plan(menu, [](const plan& p) { CHECK(count_of(p, fault_kind::kill) == 0); });
  }
  SUBCASE("one node has no network") {
    auto menu = everything;
    menu.nodes = {"one@sim"};
    std::set<fault_kind> kinds;
    for_each_plan(menu, [&](const plan& p) {
      for (const auto& f : p.faults) {
        CHECK(f.other.empty());
        kinds.insert(f.what);
      }
    });
    CHECK(kinds.size() == 9);
  }
  SUBCASE("only what is asked for") {
    auto menu = everything;
    menu.kinds = {fault_kind::crash};
    for_each_plan(menu, [](const plan& p) { CHECK(count_of(p, fault_kind::crash) == p.faults.size()); });
  }
  SUBCASE("without triggers all strike at moments") {
    auto menu = everything;
    menu.triggers.clear();
    for_each_plan(menu, [](const plan& p) {
      CHECK(std::all_of(p.faults.begin(), p.faults.end(), [](const fault& f) { return f.event.empty(); }));
    });
  }
  SUBCASE("no nodes or no faults at all") {
    auto menu = everything;
    menu.nodes.clear();
    CHECK(generate_plan(1, menu).faults.empty());
    menu = everything;
    menu.faults_max = 0;
    for_each_plan(menu, [](const plan& p) { CHECK(p.faults.empty()); });
  }
}

TEST_CASE("what is drawn for one kind does not depend on the others") {
  auto only_crashes = everything;
  only_crashes.kinds = {fault_kind::crash};
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    auto all = generate_plan(seed, everything).faults;
    std::erase_if(all, [](const fault& f) { return f.what != fault_kind::crash; });
    auto some = generate_plan(seed, only_crashes).faults;
    REQUIRE(all.size() == some.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].id = some[i].id = 0;
      CHECK(all[i] == some[i]);
    }
  }
}

TEST_CASE("faults come in the order of time, those tied to events last, numbered") {
  for_each_plan(everything, [](const plan& p) {
    for (std::size_t i = 0; i < p.faults.size(); ++i) {
      CHECK(p.faults[i].id == i);
      if (i > 0 && p.faults[i].event.empty()) {
        CHECK(p.faults[i - 1].event.empty());
        CHECK(p.faults[i - 1].at <= p.faults[i].at);
      }
    }
  });
}
