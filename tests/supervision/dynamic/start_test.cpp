// Starting and being started: I01-I15.

#include "supervision/dynamic/bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

struct secret {
  std::string word;
};
struct get_secret {};

/// Gets its secret from its supervisor and its number from whoever starts it.
class keeper : public plain {
public:
  keeper(process_context& c, secret s, int number) : plain{c}, secret_{std::move(s)}, number_{number} {}
  behavior init() override {
    return handlers([this](const get_secret&) { return secret_.word + std::to_string(number_); });
  }

private:
  secret secret_;
  int number_;
};

/// Says itself how it is best supervised.
class self_described : public plain {
public:
  self_described(process_context& c, int) : plain{c} {}
  static child_spec child_spec_for(int n) {
    return child<self_described>("self_described", n).with({.restart = restart_type::transient});
  }
};

/// Takes a second to start.
class slow_start : public plain {
public:
  using plain::plain;
  behavior init() override {
    hold_start();
    run_after(1s, [this] { confirm_start(); });
    return plain::init();
  }
};

child_spec spec_of(std::string id, start_function start) {
  child_spec s;
  s.id = std::move(id);
  s.start = std::move(start);
  return s;
}

}  // namespace

TEST_CASE("I01 a dynamic supervisor is a child like any other") {
  under_schedules([](testing::world& world) {
    auto& n = world.start_node();
    auto top = n.spawn<supervisor>(
        supervisor_spec{.flags = {}, .children = {dynamic_supervisor::child_spec_for({}, "sessions")}});
    world.run();
    REQUIRE(n.is_alive(top));
    auto sup = n.get().whereis("sessions");
    REQUIRE(sup);
    CHECK(world.ask<child_list>(sup, which_children{}).empty());
    CHECK(world.ask<child_list>(top, which_children{}).front().type == child_type::supervisor);
  });
}

TEST_CASE("I02 dynamic supervisors with names have ids of their own") {
  // Ids come from names; without a name all have the same.
  testing::world world;
  auto& n = world.start_node();
  auto top = n.spawn<supervisor>(supervisor_spec{});
  auto add = [&](std::string name) {
    return world.ask<start_answer>(top, start_child{dynamic_supervisor::child_spec_for({}, std::move(name))});
  };
  for (const char* name : {"one", "two", "three"}) {
    auto a = add(name);
    REQUIRE(a.ok());
    CHECK(n.get().whereis(name) == a->who);
  }
  CHECK(add("").ok());
  CHECK(kind_of(add("")) == error_kind::already_started);
}

TEST_CASE("I03 a dynamic supervisor says how it is supervised") {
  auto s = dynamic_supervisor::child_spec_for({.max_children = 3}, "sessions");
  CHECK(s.id == "sessions");
  CHECK(s.name == "sessions");
  CHECK(s.type == child_type::supervisor);
  CHECK(s.restart == restart_type::permanent);
  CHECK(s.effective_shutdown().is_infinity());
  CHECK(std::move(s).with({.id = "other"}).id == "other");
  CHECK(dynamic_supervisor::child_spec_for({}).id == "dynamic_supervisor");
}

TEST_CASE("I04 the defaults of a dynamic supervisor") {
  dynamic_supervisor_spec s;
  CHECK(s.flags.strategy == strategy::one_for_one);
  CHECK(s.flags.intensity == 3);
  CHECK(s.flags.period == 5s);
  CHECK(s.max_children == dynamic_supervisor_spec::unlimited);
  CHECK_FALSE(s.adapt);
  CHECK_FALSE(s.instances);
  testing::world world;
  bench b{world, s};
  auto status = world.ask<supervisor_status>(b.sup, get_status{});
  CHECK(status.flags.intensity == 3);
  CHECK(status.restarts == 0);
}

TEST_CASE("I05 a bad option refuses the start and is named") {
  auto refused = [](dynamic_supervisor_spec s) {
    testing::world world;
    bench b{world, std::move(s)};
    return b.end_of(b.sup);
  };
  CHECK(refused({.flags = {.strategy = strategy::one_for_all}}).find("strategy is one_for_all") != std::string::npos);
  CHECK(refused({.flags = {.intensity = -1}}).find("invalid_intensity") != std::string::npos);
  CHECK(refused({.flags = {.period = 0s}}).find("invalid_period") != std::string::npos);
  CHECK(refused({.flags = {.auto_shutdown = auto_shutdown::any_significant}}).find("bad_combination")
        != std::string::npos);
  CHECK(refused({.instances = child_template{}}).find("no start function") != std::string::npos);

  using decided = std::variant<dynamic_supervisor_spec, start_ignored, reason>;
  auto start_below_another = [](dynamic_supervisor::init_function decide) {
    testing::world world;
    bench b{world};
    return b.start(child_dynamic_supervisor("d", std::move(decide)));
  };
  auto thrown = start_below_another([](environment&) -> decided { throw std::runtime_error{"no"}; });
  REQUIRE_FALSE(thrown.ok());
  CHECK(thrown.error().why == reason::crashed("no"));
  auto decided_against = start_below_another([](environment&) -> decided { return reason::custom("not today"); });
  REQUIRE_FALSE(decided_against.ok());
  CHECK(decided_against.error().why == reason::custom("not today"));
  auto ignored = start_below_another([](environment&) -> decided { return start_ignored{}; });
  REQUIRE(ignored.ok());
  CHECK_FALSE(ignored->who);
}

TEST_CASE("I06 a registered dynamic supervisor is found and stopped by name") {
  under_schedules([](testing::world& world) {
    auto& n = world.start_node();
    birth how;
    how.name = "sessions";
    auto sup = n.get().spawn_as<dynamic_supervisor>(how, dynamic_supervisor_spec{});
    world.run();
    CHECK(n.get().whereis("sessions") == sup);
    n.cast(pid{n.env().self(), "sessions"}, stop_order{reason::normal()});
    world.run();
    CHECK_FALSE(n.is_alive(sup));
    CHECK(n.processes().exit_reason(sup.id()) == reason::normal());
    CHECK_FALSE(n.get().whereis("sessions"));
  });
}

TEST_CASE("I09 an update with a bad option is refused and changes nothing") {
  testing::world world;
  bench b{world, {.flags = {.intensity = 7}, .max_children = 1}};
  auto p = b.child_of(w_child("a"));
  for (auto bad :
       {dynamic_supervisor_spec{.flags = {.intensity = -1}}, dynamic_supervisor_spec{.flags = {.period = 0s}},
        dynamic_supervisor_spec{.flags = {.strategy = strategy::rest_for_one}}}) {
    auto a = world.ask<change_answer>(b.sup, update_dynamic_supervisor{bad});
    CHECK(kind_of(a) == error_kind::invalid_spec);
  }
  CHECK(world.ask<supervisor_status>(b.sup, get_status{}).flags.intensity == 7);
  CHECK(kind_of(b.start(w_child("b"))) == error_kind::max_children);
  CHECK(
      world.ask<change_answer>(b.sup, update_dynamic_supervisor{{.flags = {.intensity = 9}, .max_children = 2}}).ok());
  CHECK(world.ask<supervisor_status>(b.sup, get_status{}).flags.intensity == 9);
  CHECK(b.start(w_child("b")).ok());
  CHECK(b.is_alive(p));
}

TEST_CASE("I11 a child is started from a spec, and ids may repeat") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto first = b.child_of(w_child("same"));
    auto second = b.child_of(w_child("same"));
    CHECK(first != second);
    auto all = b.list();
    REQUIRE(all.size() == 2);
    CHECK(all[0].who == second);
    CHECK(all[0].id.empty());
    CHECK(all[1].who == first);
    CHECK(b.counts() == child_counts{2, 2, 0, 2});
    CHECK(b.terminate(first).ok());
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
  });
}

TEST_CASE("I12 a child is started from what its class says about itself") {
  testing::world world;
  bench b{world};
  auto p = b.child_of(supervision::child_of<self_described>(3));
  auto spec = world.ask<answer<child_spec>>(b.sup, get_child_spec{.id = {}, .who = p});
  CHECK(spec->restart == restart_type::transient);
  CHECK(spec->start);
}

TEST_CASE("I13 extra arguments of the supervisor come before those of the child") {
  testing::world world;
  bench b{world, {.adapt = prepend(secret{"sesame"})}};
  auto p = b.child_of(child_with_extra<keeper, secret>("keeper", 7));
  CHECK(world.ask<std::string>(p, get_secret{}) == "sesame7");
  b.tell(p, exit_signal{.from = {}, .why = reason::custom("died"), .is_link = false});
  CHECK(world.ask<std::string>(b.only_child(), get_secret{}) == "sesame7");  // Restarts have them, too.
  CHECK(b.start(w_child("plain")).ok());

  auto& other = world.start_node("other@sim");
  auto without = other.spawn<dynamic_supervisor>(dynamic_supervisor_spec{});
  auto a = world.ask<start_answer>(without, start_child{child_with_extra<keeper, secret>("keeper", 7)});
  REQUIRE_FALSE(a.ok());
  CHECK(a.error().why.text.find("missing extra arguments") != std::string::npos);
}

TEST_CASE("I14 an invalid spec is found out before any supervisor is asked") {
  CHECK_FALSE(check_dynamic_child({}).ok());
  CHECK_FALSE(check_dynamic_child(child<w>("")).ok());
  CHECK_FALSE(check_dynamic_child(spec_of("a", nullptr)).ok());
  CHECK_FALSE(check_dynamic_child(child<w>("a").with({.shutdown = shutdown_policy{-1s}})).ok());
  auto significant = check_dynamic_child(child<w>("a").with({.restart = restart_type::transient, .significant = true}));
  REQUIRE_FALSE(significant.ok());
  CHECK(significant.error().message.find("significant") != std::string::npos);
  CHECK(check_dynamic_child(child<w>("a")).ok());

  testing::world world;
  bench b{world};
  CHECK(kind_of(b.start(child<w>(""))) == error_kind::invalid_spec);
}

TEST_CASE("I15 a full supervisor starts no more") {
  testing::world world;
  bench none{world, {.max_children = 0}};
  CHECK(kind_of(none.start(w_child("a"))) == error_kind::max_children);

  bench two{world, world.start_node("two@sim")};
  two.sup = two.n.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.max_children = 2});
  auto first = two.child_of(temporary(w_child("a")));
  CHECK(two.start(w_child("b")).ok());
  CHECK(kind_of(two.start(w_child("c"))) == error_kind::max_children);
  two.tell(first, finish{});  // Its place is free again (S112).
  CHECK(two.start(w_child("c")).ok());
}

TEST_CASE("a start that is ignored, refused, crashes or throws keeps nothing and frees its place") {
  under_schedules([](testing::world& world) {
    auto s = std::make_shared<script>();
    s->answers["a"] = {start_answer_of::ignore, start_answer_of::refuse, start_answer_of::crash, start_answer_of::ok};
    auto spec = usual();
    spec.max_children = 1;
    bench b{world, std::move(spec)};
    auto ignored = b.start(w3_child("a", s));
    REQUIRE(ignored.ok());
    CHECK_FALSE(ignored->who);
    auto refused = b.start(w3_child("a", s));
    CHECK(kind_of(refused) == error_kind::start_failed);
    CHECK(refused.error().why == reason::custom("refused"));
    auto crashed = b.start(w3_child("a", s));
    CHECK(crashed.error().why == reason::crashed("cannot start"));
    auto throws = [](starter&) -> start_outcome { throw std::runtime_error{"no"}; };
    CHECK(b.start(spec_of("t", throws)).error().why == reason::crashed("no"));
    CHECK(b.counts() == child_counts{});
    CHECK(b.start(w3_child("a", s)).ok());
    CHECK(b.count_reports(report::kind::start_error) == 0);  // S184
  });
}

TEST_CASE("a slow start delays nobody, and its caller is answered when it is done") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto begun = world.now();
    b.n.cast(b.sup, start_child{child<slow_start>("slow")});
    auto quick = b.child_of(w_child("quick"));
    CHECK(world.now() - begun < 100ms);
    CHECK(b.counts() == child_counts{2, 1, 0, 2});
    CHECK(b.start(child<slow_start>("slow")).ok());
    CHECK(world.now() - begun >= 1s);
    CHECK(b.counts() == child_counts{3, 3, 0, 3});
    CHECK(b.is_alive(quick));
  });
}

TEST_CASE("a start that takes longer than its limit has failed, and leaves nothing") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto a = b.start(child<slow_start>("slow").with({.start_timeout = duration{300ms}}));
    REQUIRE_FALSE(a.ok());
    CHECK(kind_of(a) == error_kind::start_failed);
    CHECK(a.error().detail.find("timeout") != std::string::npos);
    CHECK(b.list().empty());
    CHECK(b.start(child<slow_start>("slow").with({.start_timeout = duration{1500ms}})).ok());
  });
}

TEST_CASE("a taken name is answered with its owner") {
  testing::world world;
  bench b{world};
  auto first = b.child_of(w_child("a").with({.name = "the one"}));
  auto second = b.start(w_child("b").with({.name = "the one"}));
  CHECK(kind_of(second) == error_kind::already_started);
  CHECK(second.error().who == first);
  CHECK(b.counts() == child_counts{1, 1, 0, 1});
}

TEST_CASE("a start function may return a process that lives already; its end is noticed") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto foreign = b.n.spawn<w>();
    world.run();
    auto s = spec_of("f", [foreign](starter&) -> start_outcome { return foreign; });
    CHECK(b.child_of(temporary(s)) == foreign);
    CHECK(b.find(foreign)->state == slot_state::running);
    b.tell(foreign, finish{});
    CHECK(b.list().empty());

    CHECK(kind_of(b.start(s)) == error_kind::start_failed);
    auto two = spec_of("two", [](starter& by) -> start_outcome {
      by.spawn<plain>();
      return reason::custom("changed its mind");
    });
    CHECK(b.start(two).error().why == reason::custom("changed its mind"));
    world.run();
    for (const auto& p : b.n.processes().list(world.now()))
      CHECK(p.parent != b.sup.id());
  });
}

TEST_CASE("while it ends a dynamic supervisor starts nobody") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto slow = b.child_of(child<w2>("w2", duration{2s}));
    b.n.cast(b.sup, start_child{child<slow_start>("slow")});
    b.order_shutdown();
    world.run();
    CHECK(b.is_alive(slow));
    CHECK(kind_of(b.start(w_child("late"))) == error_kind::stopping);
    CHECK(world.ask<supervisor_status>(b.sup, get_status{}).is_stopping);
    world.advance(3s);
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(b.n.processes().count() == 0);
  });
}
