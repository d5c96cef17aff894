// Children born without asking their supervisor.

#include "supervision/dynamic/bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

dynamic_supervisor_spec with_births(const nursery& n) {
  auto s = usual();
  s.births = n.state();
  return s;
}

/// Spawns children from its own turn, as a session process would.
class mother : public process {
public:
  mother(process_context& c, nursery n, int children) : process{c}, nursery_{std::move(n)}, children_{children} {}
  behavior init() override {
    for (int i = 0; i < children_; ++i)
      if (auto p = nursery_.spawn<plain>(); p.ok() && i % 3 == 0)
        exit(*p, reason::custom("short life"));
    return handlers();
  }

private:
  nursery nursery_;
  int children_;
};

class unborn : public process {
public:
  explicit unborn(process_context& c) : process{c} { throw std::runtime_error{"no"}; }
  behavior init() override { return handlers(); }
};

std::size_t children_of(bench& b) {
  auto all = b.n.processes().list(b.w.now());
  return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& p) { return p.parent == b.sup.id(); }));
}

}  // namespace

TEST_CASE("a nursery without a running supervisor refuses") {
  nursery births;
  CHECK(births.spawn<plain>().error().what == error_kind::stopping);
  testing::world world;
  bench b{world, with_births(births)};
  CHECK(births.spawn<plain>().ok());
  b.order_shutdown();
  world.run();
  CHECK(births.spawn<plain>().error().what == error_kind::stopping);
}

TEST_CASE("a child of a nursery is a child of its supervisor") {
  under_schedules([](testing::world& world) {
    nursery births{{.label = "view", .shutdown = shutdown_policy{2s}}};
    bench b{world, with_births(births)};
    auto p = births.spawn<plain>();
    REQUIRE(p.ok());
    CHECK(b.only_child() == *p);
    CHECK(b.counts().active == 1);
    auto spec = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = *p});
    CHECK(spec->id == "view");
    CHECK(spec->restart == restart_type::temporary);
    CHECK(b.n.processes().info(p->id(), world.now())->parent == b.sup.id());
    b.tell(*p, crash{});
    CHECK(b.list().empty());
    CHECK(b.count_reports(report::kind::child_terminated) == 1);
    auto q = births.spawn<w>();
    CHECK(b.terminate(*q).ok());
    CHECK(b.end_of(*q) == "shutdown");
  });
}

TEST_CASE("a nursery shares the limit of its supervisor") {
  under_schedules([](testing::world& world) {
    nursery births;
    auto s = with_births(births);
    s.max_children = 3;
    bench b{world, s};
    auto first = births.spawn<plain>();
    CHECK(births.spawn<plain>().ok());
    CHECK(b.start(w_child("a")).ok());
    auto refused = births.spawn<plain>();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().what == error_kind::max_children);
    CHECK(kind_of(b.start(w_child("b"))) == error_kind::max_children);
    b.kill(*first);
    CHECK(births.spawn<plain>().ok());
  });
}

TEST_CASE("a child whose constructor throws was never there") {
  under_schedules([](testing::world& world) {
    nursery births;
    auto s = with_births(births);
    s.max_children = 1;
    bench b{world, s};
    for (int i = 0; i < 3; ++i) {
      auto p = births.spawn<unborn>();
      REQUIRE_FALSE(p.ok());
      CHECK(p.error().what == error_kind::start_failed);
      CHECK(p.error().why == reason::crashed("no"));
    }
    world.run();
    CHECK(b.counts() == child_counts{});
    CHECK(births.spawn<plain>().ok());
  });
}

TEST_CASE("children that are born, die and are stopped at the same moment leave nothing over") {
  under_schedules(
      [](testing::world& world) {
        nursery births;
        bench b{world, with_births(births)};
        b.n.spawn<mother>(births, 10);
        auto m2 = b.n.spawn<mother>(births, 10);
        for (auto i = world.seed() % 40; i > 0; --i)
          world.step();
        if (world.seed() % 2 == 0)
          b.order_shutdown();
        else
          b.n.kill(b.sup);
        world.run();
        CHECK_FALSE(b.is_alive(b.sup));
        CHECK(children_of(b) == 0);
        CHECK(b.is_alive(m2));
        CHECK(births.spawn<plain>().error().what == error_kind::stopping);
      },
      150);
}

TEST_CASE("a supervisor that lives finds every child of its nursery") {
  under_schedules(
      [](testing::world& world) {
        nursery births;
        bench b{world, with_births(births)};
        b.n.spawn<mother>(births, 20);
        world.run();
        CHECK(b.counts().active == 13);  // Seven were ended.
        CHECK(children_of(b) == 13);
      },
      100);
}

TEST_CASE("a nursery outlives the restarts of its supervisor, and serves one at a time") {
  under_schedules([](testing::world& world) {
    nursery births;
    bench b{world};
    auto sup = b.child_of(child_dynamic_supervisor("sessions", with_births(births)));
    auto p = births.spawn<plain>();
    REQUIRE(p.ok());
    b.kill(sup);
    CHECK(b.end_of(*p) == "killed");
    auto q = births.spawn<plain>();
    REQUIRE(q.ok());
    CHECK(world.ask<child_list>(b.only_child(), which_children{}).front().who == *q);
    auto second = b.start(child_dynamic_supervisor("others", with_births(births)));
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().why.text.find("another supervisor has open") != std::string::npos);
  });
}
