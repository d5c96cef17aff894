// How children are stopped: I22-I31, X28, and zombies (M9).

#include "supervision/dynamic/bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

/// Three children of that kind, and how they and their supervisor end.
struct three {
  bench b;
  std::vector<pid> children;

  three(testing::world& world, const child_spec& s) : b{world} {
    for (int i = 0; i < 3; ++i)
      children.push_back(b.child_of(s));
  }
  void stop() {
    b.order_shutdown();
    b.w.run_until([this] { return !b.is_alive(b.sup); });
    CHECK(b.end_of(b.sup) == "shutdown");
  }
  void check_all_ended(const std::string& how) {
    for (const auto& p : children)
      CHECK(b.end_of(p) == how);
  }
};

child_spec busy_child(duration stop_limit, duration grace) {
  return child<plain>("busy").with({.shutdown = shutdown_policy{stop_limit}, .kill_grace = grace});
}

}  // namespace

TEST_CASE("I22 very short times to stop are legal") {
  under_schedules([](testing::world& world) {
    bench b{world};
    for (auto limit : {duration{0s}, duration{1ms}}) {
      auto p = b.child_of(temporary(w_child("a")).with({.shutdown = shutdown_policy{limit}}));
      CHECK(b.terminate(p).ok());
      CHECK_FALSE(b.is_alive(p));
    }
    CHECK(b.list().empty());
  });
}

TEST_CASE("I23 a negative time to stop is refused") {
  testing::world world;
  bench b{world};
  auto a = b.start(w_child("a").with({.shutdown = shutdown_policy{-1s}}));
  CHECK(kind_of(a) == error_kind::invalid_spec);
  CHECK(a.error().detail.find("shutdown") != std::string::npos);
}

TEST_CASE("I24 children with brutal_kill are killed") {
  under_schedules([](testing::world& world) {
    three t{world, w_child("a").with({.shutdown = shutdown_policy::brutal_kill()})};
    t.stop();
    t.check_all_ended("killed");
    CHECK(t.b.count_reports(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("I25 children with all the time in the world end with shutdown") {
  under_schedules([](testing::world& world) {
    three t{world, w_child("a").with({.shutdown = shutdown_policy::infinity()})};
    t.stop();
    t.check_all_ended("shutdown");
    CHECK(t.b.count_reports(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("I26 children with all the time may end with shutdown and a word") {
  testing::world world;
  three t{world, child<w4>("a", reason::shutdown("oops")).with({.shutdown = shutdown_policy::infinity()})};
  t.stop();
  t.check_all_ended("shutdown: oops");
  CHECK(t.b.count_reports(report::kind::shutdown_error) == 0);
}

TEST_CASE("I27 children with limited time end with shutdown") {
  under_schedules([](testing::world& world) {
    three t{world, w_child("a").with({.shutdown = shutdown_policy{1s}})};
    t.stop();
    t.check_all_ended("shutdown");
    CHECK(t.b.count_reports(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("I28 children with limited time may end with shutdown and a word; other reasons are reported once") {
  testing::world world;
  three fine{world, child<w4>("a", reason::shutdown("oops")).with({.shutdown = shutdown_policy{1s}})};
  fine.stop();
  fine.check_all_ended("shutdown: oops");
  CHECK(fine.b.count_reports(report::kind::shutdown_error) == 0);

  testing::world other;
  three bad{other, child<w4>("a", reason::custom("oops")).with({.shutdown = shutdown_policy{1s}})};
  bad.stop();
  bad.check_all_ended("custom: oops");
  REQUIRE(bad.b.count_reports(report::kind::shutdown_error) == 1);  // The same reason thrice (S99).
  CHECK(bad.b.reports.back().children == 3);
  CHECK(bad.b.reports.back().why == reason::custom("oops"));
}

TEST_CASE("I29 permanent children that end normally when stopped are reported") {
  testing::world world;
  three t{world, child<w4>("a", reason::normal()).with({.shutdown = shutdown_policy{1s}})};
  t.stop();
  t.check_all_ended("normal");
  REQUIRE(t.b.count_reports(report::kind::shutdown_error) == 1);
  CHECK(t.b.reports.back().children == 3);

  testing::world other;
  three temporary_ones{other, temporary(child<w4>("a", reason::normal()).with({.shutdown = shutdown_policy{1s}}))};
  temporary_ones.stop();
  CHECK(temporary_ones.b.count_reports(report::kind::shutdown_error) == 0);
}

TEST_CASE("I30 one child is terminated brutally, and not twice") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(w_child("a").with({.shutdown = shutdown_policy::brutal_kill()}));
    CHECK(b.terminate(p).ok());
    CHECK(b.end_of(p) == "killed");
    CHECK(kind_of(b.terminate(p)) == error_kind::not_found);
    CHECK(b.counts() == child_counts{});
  });
}

TEST_CASE("I31 one child is terminated with a time limit, and not twice") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(w_child("a").with({.shutdown = shutdown_policy{1s}}));
    CHECK(b.terminate(p).ok());
    CHECK(b.end_of(p) == "shutdown");
    CHECK(kind_of(b.terminate(p)) == error_kind::not_found);
    CHECK(b.counts() == child_counts{});
  });
}

TEST_CASE("X28 deaf children with different limits are stopped at the same time") {
  under_schedules([](testing::world& world) {
    bench b{world};
    std::vector<pid> all;
    for (auto limit : {100ms, 200ms, 300ms})
      all.push_back(b.child_of(child<deaf>("deaf").with({.shutdown = shutdown_policy{limit}})));
    auto begun = world.now();
    b.order_shutdown();
    REQUIRE(world.run_until([&] { return !b.is_alive(all[0]); }));
    CHECK(world.now() - begun < 150ms);
    CHECK(b.is_alive(all[1]));
    REQUIRE(world.run_until([&] { return !b.is_alive(b.sup); }));
    CHECK(world.now() - begun >= 300ms);
    CHECK(world.now() - begun < 350ms);
    for (const auto& p : all)
      CHECK(b.end_of(p) == "killed");
    REQUIRE(b.count_reports(report::kind::shutdown_error) == 1);
    CHECK(b.reports.back().children == 3);
  });
}

TEST_CASE("several who terminate one child are all answered") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(child<w2>("slow", duration{500ms}));
    b.n.cast(b.sup, terminate_child{.id = {}, .who = p});
    world.run();
    CHECK(b.find(p)->state == slot_state::stopping);
    CHECK(b.terminate(p).ok());
    CHECK(kind_of(b.terminate(p)) == error_kind::not_found);
  });
}

TEST_CASE("a child that crashes while it is stopped is reported and not restarted") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(child<w4>("a", reason::custom("broke")));
    CHECK(b.terminate(p).ok());
    CHECK(b.list().empty());
    CHECK(b.count_reports(report::kind::shutdown_error) == 1);
    CHECK(b.count_reports(report::kind::child_terminated) == 0);
  });
}

TEST_CASE("exit signals of strangers and unknown messages leave a dynamic supervisor alone") {
  struct unheard_of {};
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(w_child("a"));
    auto stranger = b.n.spawn<plain>();
    world.run();
    b.n.processes().exit(b.sup.id(), {stranger, reason::shutdown()});
    b.tell(b.sup, unheard_of{});
    CHECK(b.is_alive(b.sup));
    CHECK(b.is_alive(p));
    CHECK(world.ask<child_counts>(b.sup, count_children{}).active == 1);
  });
}

TEST_CASE("the children of a killed dynamic supervisor end with it") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(child<plain>("a"));
    auto q = b.child_of(child<plain>("b"));
    b.kill(b.sup);
    CHECK(b.end_of(b.sup) == "killed");
    CHECK(b.end_of(p) == "killed");
    CHECK(b.end_of(q) == "killed");
  });
}

TEST_CASE("a dynamic supervisor stops with the reason of its stop order, its children with shutdown") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(w_child("a"));
    b.tell(b.sup, stop_order{reason::custom("maintenance")});
    CHECK(b.end_of(b.sup) == "custom: maintenance");
    CHECK(b.end_of(p) == "shutdown");
  });
}

TEST_CASE("a child that does not return from its handler is left behind as a zombie, and reaped at last") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto p = b.child_of(busy_child(50ms, 50ms));
    b.n.cast(p, busy_for{10s});
    world.run_until([&] { return b.n.processes().info(p.id(), world.now())->current != ""; });
    auto begun = world.now();
    CHECK(b.terminate(p).ok());
    CHECK(world.now() - begun >= 100ms);
    CHECK(world.now() - begun < 150ms);
    CHECK(b.list().empty());
    CHECK_FALSE(b.is_alive(p));
    auto zombies = world.ask<zombie_list>(b.sup, which_zombies{});
    REQUIRE(zombies.size() == 1);
    CHECK(zombies[0].who == p);
    CHECK(zombies[0].handling.find("busy_for") != std::string::npos);
    CHECK(b.count_reports(report::kind::zombie) == 1);
    world.advance(11s);
    CHECK(world.ask<zombie_list>(b.sup, which_zombies{}).empty());
    CHECK(b.count_reports(report::kind::zombie_reaped) == 1);
    CHECK(b.is_alive(b.sup));
  });
}

TEST_CASE("one zombie too many and the supervisor gives up; at its end it waits for none") {
  testing::world world;
  auto spec = usual();
  spec.flags.zombies_max = 1;
  bench b{world, std::move(spec)};
  std::vector<pid> stuck;
  for (int i = 0; i < 2; ++i) {
    stuck.push_back(b.child_of(busy_child(50ms, 50ms)));
    b.n.cast(stuck.back(), busy_for{100s});
  }
  auto other = b.child_of(w_child("other"));
  world.advance(1ms);
  CHECK(b.terminate(stuck[0]).ok());
  CHECK(b.is_alive(b.sup));
  CHECK(b.terminate(stuck[1]).ok());
  world.run();
  CHECK(b.end_of(b.sup) == "shutdown");
  CHECK(b.end_of(other) == "shutdown");
  REQUIRE(b.count_reports(report::kind::shutdown) == 1);
  auto gave_up = std::ranges::find(b.reports, report::kind::shutdown, &report::what);
  CHECK(gave_up->why.text.find("zombies_max") != std::string::npos);
}
