// Template supervisors: OTP's simple_one_for_one on a dynamic supervisor (S95-S100). Adaptations are named in each
// case.

#include "supervision/dynamic/bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

/// Starts as the script says; the instance brings nothing.
child_template scripted(script_ptr s, restart_type r) { return with(instances_of<w3>("scripted", s), r); }

script_ptr first_start(start_answer_of a) {
  auto s = std::make_shared<script>();
  s->answers[""] = {a};
  return s;
}

/// How the one that started ended, once the supervisor was told to stop.
std::string end_after_an_ignored_start(testing::world& world, restart_type r) {
  bench b{world, template_of(scripted(first_start(start_answer_of::ignore), r))};
  auto ignored = b.one_more();
  REQUIRE(ignored.ok());
  CHECK_FALSE(ignored->who);
  auto second = b.one_more();
  REQUIRE(second.ok());
  CHECK(b.only_child() == second->who);
  CHECK(b.counts() == child_counts{1, 1, 0, 1});
  b.order_shutdown();
  world.run();
  CHECK(b.end_of(b.sup) == "shutdown");
  return b.end_of(second->who);
}

/// Tells who starts it something, and needs no argument afterwards.
class informed : public plain {
public:
  informed(process_context& c, std::shared_ptr<int>) : plain{c} {}
  behavior init() override {
    start_info(std::string{"extra"});
    return plain::init();
  }
};

/// While the flag is set its starts fail, after a second.
class slow_failure : public w {
public:
  slow_failure(process_context& c, std::shared_ptr<bool> fails) : w{c}, fails_{std::move(fails)} {}
  behavior init() override {
    if (*fails_) {
      hold_start();
      run_after(1s, [this] { stop(reason::custom("no")); });
    }
    return w::init();
  }

private:
  std::shared_ptr<bool> fails_;
};

}  // namespace

TEST_CASE("A05 a temporary instance that ignores its start is forgotten") {
  // Template supervisor = dynamic supervisor with `instances`.
  under_schedules(
      [](testing::world& world) { CHECK(end_after_an_ignored_start(world, restart_type::temporary) == "shutdown"); });
}

TEST_CASE("A06 a permanent instance that ignores its start is forgotten, and the supervisor shuts down cleanly") {
  under_schedules(
      [](testing::world& world) { CHECK(end_after_an_ignored_start(world, restart_type::permanent) == "shutdown"); });
}

TEST_CASE("A11 every instance gives the full template, a stranger is not found") {
  // Asked by pid, as in OTP; the template is the supervisor's own.
  testing::world world;
  bench b{world, template_of(with(instances_of<plain>("worker"), restart_type::temporary, shutdown_policy{7s}))};
  for (int i = 0; i < 3; ++i) {
    auto a = b.one_more();
    REQUIRE(a.ok());
    auto spec = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = a->who});
    REQUIRE(spec.ok());
    CHECK(spec->id == "worker");
    CHECK(spec->restart == restart_type::temporary);
    CHECK(spec->effective_shutdown() == shutdown_policy{7s});
    CHECK(spec->type == child_type::worker);
    CHECK(spec->kind == "beamline::supervision::workers::plain");
  }
  auto stranger = b.n.spawn<plain>();
  world.run();
  auto none = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = stranger});
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().what == error_kind::not_found);
}

TEST_CASE("B04 with brutal_kill ten instances are killed, and the supervisor ends with shutdown") {
  under_schedules([](testing::world& world) {
    bench b{world, template_of(with(instances_of<w>("w"), restart_type::temporary, shutdown_policy::brutal_kill()))};
    std::vector<pid> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(b.one_more()->who);
    b.order_shutdown();
    world.run();
    CHECK(b.end_of(b.sup) == "shutdown");
    for (const auto& p : all)
      CHECK(b.end_of(p) == "killed");
    CHECK(b.count_reports(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("C02 administration of a template supervisor") {
  // OTP answers ok for the pid of a child that is gone (S96); a dynamic supervisor says not_found, as Elixir's does.
  under_schedules([](testing::world& world) {
    bench b{world, template_of(with(instances_of<w>("w"), restart_type::permanent))};
    CHECK(b.list().empty());
    CHECK(b.counts() == child_counts{1, 0, 0, 0});
    auto first = b.one_more()->who;
    auto second = b.one_more()->who;
    auto all = b.list();
    REQUIRE(all.size() == 2);
    CHECK(all[0].who == second);
    CHECK(all[1].who == first);
    CHECK(all[0].id.empty());
    CHECK(b.counts() == child_counts{1, 2, 0, 2});

    CHECK(kind_of(world.ask<change_answer>(b.sup, terminate_child{.id = "w", .who = {}})) == error_kind::unsupported);
    CHECK(b.terminate(first).ok());
    CHECK(b.end_of(first) == "shutdown");
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
    CHECK(kind_of(b.terminate(first)) == error_kind::not_found);
    auto stranger = b.n.spawn<w>();
    world.run();
    CHECK(kind_of(b.terminate(stranger)) == error_kind::not_found);
    CHECK(b.is_alive(stranger));
    CHECK(kind_of(world.ask<start_answer>(b.sup, restart_child{"w"})) == error_kind::unsupported);
    CHECK(kind_of(world.ask<change_answer>(b.sup, delete_child{"w"})) == error_kind::unsupported);
    CHECK(kind_of(b.start(child<w>("another"))) == error_kind::unsupported);
    CHECK(b.is_alive(second));
  });
}

TEST_CASE("C05 a template supervisor shows its class") {
  // The callback type is the class of the process, read without asking it.
  testing::world world;
  bench b{world, template_of(instances_of<w>("w"))};
  auto info = b.n.processes().info(b.sup.id(), world.now());
  REQUIRE(info);
  CHECK(info->kind == "beamline::supervision::dynamic_supervisor");
}

TEST_CASE("C07 list and single query agree on temporary instances") {
  under_schedules([](testing::world& world) {
    bench b{world, template_of(with(instances_of<w>("w"), restart_type::temporary))};
    auto first = b.one_more()->who;
    auto second = b.one_more()->who;
    for (const auto& entry : b.list()) {
      auto single = b.find(entry.who);
      REQUIRE(single.ok());
      CHECK(single->who == entry.who);
      CHECK(single->state == slot_state::running);
      CHECK(single->type == child_type::worker);
    }
    CHECK(b.terminate(second).ok());
    CHECK(b.only_child() == first);
    CHECK(b.find(second).error().what == error_kind::not_found);
    auto by_id = world.ask<answer<child_info>>(b.sup, which_child{.id = "w", .who = {}});
    CHECK(by_id.error().what == error_kind::unsupported);
  });
}

TEST_CASE("E09 instances are restarted one for one until the budget is used up") {
  under_schedules([](testing::world& world) {
    bench b{world, template_of(with(instances_of<w>("w"), restart_type::permanent))};
    auto stays = b.one_more()->who;
    auto dies = b.one_more()->who;
    for (int i = 0; i < 2; ++i) {
      b.tell(dies, die{});
      CHECK(b.counts() == child_counts{1, 2, 0, 2});
      CHECK(b.is_alive(stays));
      auto all = b.list();
      dies = all[0].who == stays ? all[1].who : all[0].who;
    }
    b.tell(dies, die{});
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(b.end_of(stays) == "shutdown");
  });
}

TEST_CASE("E10 an instance that tells something at its start is restarted like any other") {
  testing::world world;
  bench b{world, template_of(with(instances_of<informed, std::shared_ptr<int>>("i"), restart_type::permanent))};
  auto a = b.one_more(std::make_shared<int>(1));
  REQUIRE(a.ok());
  CHECK(std::any_cast<std::string>(a->info) == "extra");
  b.tell(a->who, die{});
  CHECK(b.counts() == child_counts{1, 1, 0, 1});
  CHECK(b.only_child() != a->who);
}

TEST_CASE("E11 instances are stopped at the same time, and the slow one is killed") {
  testing::world world;
  bench b{world, template_of(with(instances_of<w2, duration>("w2"), restart_type::permanent, shutdown_policy{2s}))};
  auto quick1 = b.one_more(duration{1s})->who;
  auto quick2 = b.one_more(duration{1s})->who;
  auto slow = b.one_more(duration{5s})->who;
  auto begun = world.now();
  b.order_shutdown();
  REQUIRE(world.run_until([&] { return !b.is_alive(b.sup); }));
  CHECK(world.now() - begun >= 2s);
  CHECK(world.now() - begun < 2100ms);
  CHECK(b.end_of(quick1) == "shutdown");
  CHECK(b.end_of(quick2) == "shutdown");
  CHECK(b.end_of(slow) == "killed");
  CHECK(b.end_of(b.sup) == "shutdown");
  CHECK(b.count_reports(report::kind::shutdown_error) == 1);
}

TEST_CASE("E12 the arguments of a temporary instance are not kept, those of others are") {
  // OTP measures the supervisor's memory; here the argument itself says whether it still exists.
  testing::world world;
  auto is_kept = [&](restart_type r, const char* name) {
    auto& n = world.start_node(name);
    bench b{world, n};
    b.sup = n.spawn<dynamic_supervisor>(template_of(with(instances_of<informed, std::shared_ptr<int>>("i"), r)));
    auto argument = std::make_shared<int>(1);
    std::weak_ptr<int> seen = argument;
    REQUIRE(b.one_more(std::exchange(argument, nullptr)).ok());
    return !seen.expired();
  };
  CHECK_FALSE(is_kept(restart_type::temporary, "a@sim"));
  CHECK(is_kept(restart_type::transient, "b@sim"));
  CHECK(is_kept(restart_type::permanent, "c@sim"));
}

TEST_CASE("E14 an instance that cannot restart is terminated by its old pid") {
  under_schedules([](testing::world& world) {
    auto fails = std::make_shared<bool>(false);
    auto s = template_of(with(instances_of<slow_failure>("s", fails), restart_type::permanent));
    s.flags.intensity = 8;
    s.flags.period = 10s;
    bench b{world, std::move(s)};
    auto p = b.one_more()->who;
    *fails = true;
    b.tell(p, die{});
    world.advance(2500ms);  // In its third attempt.
    CHECK(b.is_alive(b.sup));
    CHECK(b.list().size() == 1);
    CHECK(b.list().front().state == slot_state::starting);
    CHECK(b.find(p).ok());
    CHECK(b.terminate(p).ok());
    CHECK(b.list().empty());
    CHECK(b.counts() == child_counts{1, 0, 0, 0});
    world.advance(20s);
    CHECK(b.list().empty());
    b.order_shutdown();
    world.run();
    CHECK(b.end_of(b.sup) == "shutdown");
  });
}

TEST_CASE("F05 a template knows no auto_shutdown but never") {
  for (auto mode : {auto_shutdown::any_significant, auto_shutdown::all_significant}) {
    auto s = template_of(instances_of<w>("w"));
    s.flags.auto_shutdown = mode;
    auto ok = check_dynamic_spec(s);
    REQUIRE_FALSE(ok.ok());
    CHECK(ok.error().message.find("bad_combination") != std::string::npos);
    testing::world world;
    bench b{world, std::move(s)};
    CHECK(b.end_of(b.sup).find("auto_shutdown") != std::string::npos);
  }
  CHECK(check_dynamic_spec(template_of(instances_of<w>("w"))).ok());
}

namespace {

/// What is counted when all of them are gone.
child_counts counts_after_thousands(child_type type) {
  testing::world world;
  auto t = with(instances_of<plain>("p"), restart_type::temporary);
  t.spec.type = type;
  bench b{world, template_of(std::move(t))};
  auto counted = [&](std::size_t n) {
    return type == child_type::worker ? child_counts{1, n, 0, n} : child_counts{1, n, n, 0};
  };
  std::vector<pid> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(b.one_more()->who);
  CHECK(b.counts() == counted(1000));
  for (int i = 0; i < 1000; ++i)
    all.push_back(b.one_more()->who);
  CHECK(b.counts() == counted(2000));
  for (const auto& p : all)
    b.n.kill(p);
  world.run();
  return b.counts();
}

}  // namespace

TEST_CASE("G01 two thousand instances are counted, and so is their end") {
  CHECK(counts_after_thousands(child_type::worker) == child_counts{1, 0, 0, 0});
}

TEST_CASE("G02 instances of type supervisor are counted as such") {
  CHECK(counts_after_thousands(child_type::supervisor) == child_counts{1, 0, 0, 0});
}

TEST_CASE("G03 stopping ten times as many instances takes about ten times as much work") {
  // Work is counted in steps of the simulator, which does not depend on the machine.
  auto steps_to_stop = [](int children) {
    testing::world world;
    bench b{world, template_of(with(instances_of<plain>("p"), restart_type::temporary))};
    for (int i = 0; i < children; ++i)
      REQUIRE(b.one_more().ok());
    auto before = world.steps();
    b.order_shutdown();
    world.run();
    CHECK(b.end_of(b.sup) == "shutdown");
    return world.steps() - before;
  };
  auto few = steps_to_stop(100);
  CHECK(steps_to_stop(1000) <= 11 * few);
}

TEST_CASE("G06 a template is replaced by one other, not by none, nor given to a supervisor without") {
  // OTP loads new code that returns another spec; here it is told. Two templates cannot even be written down.
  testing::world world;
  bench b{world, template_of(with(instances_of<w>("old"), restart_type::permanent))};
  auto p = b.one_more()->who;
  auto update = [&](dynamic_supervisor_spec s) {
    return world.ask<change_answer>(b.sup, update_dynamic_supervisor{std::move(s)});
  };
  CHECK(update(template_of(with(instances_of<plain>("new"), restart_type::transient))).ok());
  CHECK(b.is_alive(p));
  auto spec = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = b.one_more()->who});
  CHECK(spec->id == "new");
  b.tell(p, die{});  // The old one is restarted as the new template says.
  for (const auto& c : b.list())
    CHECK(c.kind == "beamline::supervision::workers::plain");
  auto refused = update(usual());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().what == error_kind::invalid_spec);
  CHECK(b.one_more().ok());
}

TEST_CASE("G07 an update with a faulty template or flags changes nothing") {
  testing::world world;
  bench b{world, template_of(with(instances_of<w>("old"), restart_type::permanent))};
  auto faulty = template_of(instances_of<w>("new"));
  faulty.instances->spec.significant = true;
  faulty.instances->spec.restart = restart_type::transient;
  auto bad_flags = template_of(instances_of<w>("new"));
  bad_flags.flags.intensity = -1;
  for (const auto& s : {faulty, bad_flags}) {
    auto a = world.ask<change_answer>(b.sup, update_dynamic_supervisor{s});
    REQUIRE_FALSE(a.ok());
    CHECK(kind_of(a) == error_kind::invalid_spec);
  }
  auto spec = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = b.one_more()->who});
  CHECK(spec->id == "old");
}

TEST_CASE("X12 what a template supervisor is asked to terminate") {
  // OTP says ok for a dead stranger; here not_found, for it cannot be told from a child that is gone.
  testing::world world;
  bench b{world, template_of(with(instances_of<w>("w"), restart_type::permanent))};
  auto stranger = b.n.spawn<w>();
  auto mine = b.one_more()->who;
  CHECK(kind_of(b.terminate(stranger)) == error_kind::not_found);
  CHECK(b.is_alive(stranger));
  b.kill(stranger);
  CHECK(kind_of(b.terminate(stranger)) == error_kind::not_found);
  CHECK(b.terminate(mine).ok());
  CHECK(b.end_of(mine) == "shutdown");
}

TEST_CASE("an instance with the wrong arguments does not start, and says what it wants") {
  testing::world world;
  bench b{world, template_of(instances_of<w2, duration>("w2"))};
  auto a = b.one_more(std::string{"soon"});
  REQUIRE_FALSE(a.ok());
  CHECK(kind_of(a) == error_kind::start_failed);
  CHECK(a.error().why.text.find("the template wants") != std::string::npos);
  CHECK(b.counts() == child_counts{1, 0, 0, 0});
}
