#include "supervision/supervisor/fixture.hpp"

// Catalogue C, H and X06, X08, X09, X20, X25: what supervisors are asked.

namespace beamline::supervision {

TEST_CASE("C01 a child's life through the API") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a")}));
    CHECK(s.counts() == "[1,1,0,1]");
    auto again = s.add(w_child("a"));
    CHECK(again.error().what == child_error::kind::already_started);
    CHECK(again.error().who == s.child_pid("a"));
    CHECK(s.terminated("a") == "ok");
    CHECK(s.terminated("a") == "ok");
    CHECK(s.counts() == "[1,0,0,1]");
    CHECK(s.added(w_child("a")) == "already_present");
    CHECK(s.restarted("a") == "ok");
    CHECK(s.restarted("a") == "running");
    CHECK(s.deleted("a") == "running");
    CHECK(s.counts() == "[1,1,0,1]");
    CHECK(s.terminated("a") == "ok");
    CHECK(s.deleted("a") == "ok");
    CHECK(s.deleted("a") == "not_found");
    CHECK(s.restarted("a") == "not_found");
    CHECK(s.terminated("a") == "not_found");
    CHECK(s.counts() == "[0,0,0,0]");
    auto a = s.add(w_child("a"));
    REQUIRE(a.ok());
    CHECK(stage::word(s.w.ask<change_answer>(s.top, terminate_child{.id = {}, .who = a->who})) == "not_found");
    s.order();
    auto late = s.w.try_ask<child_counts>(s.top, count_children{});
    CHECK(std::get<call_error>(late).what == call_error::kind::noproc);
  });
}

TEST_CASE("C03 each wrong field of a spec is named") {
  auto good = child<w>("a");
  auto fails = [](const child_spec& c, const std::string& term, std::optional<auto_shutdown> mode = {}) {
    auto r = check_child_spec(c, mode);
    CAPTURE(term);
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().message.find(term) != std::string::npos);
  };
  CHECK(check_child_spec(good).ok());
  fails(good.with({.id = ""}), "missing_id");
  fails(good.with({.restart = static_cast<restart_type>(9)}), "invalid_restart_type");
  fails(good.with({.type = static_cast<child_type>(9)}), "invalid_child_type");
  fails(good.with({.shutdown = duration{-5ms}}), "invalid_shutdown");
  fails(good.with({.significant = true}), "bad_combination");
  fails(good.with({.restart = restart_type::transient, .significant = true}), "auto_shutdown", auto_shutdown::never);
  fails(good.with({.start_timeout = duration{0}}), "invalid_start_timeout");
  fails(good.with({.kill_grace = duration{-1s}}), "invalid_kill_grace");
  fails(good.with({.zombie = static_cast<zombie_policy>(9)}), "invalid_zombie_policy");
  fails(good.with({.park_max = 3}), "park_max");
  for (auto restart : {restart_type::permanent, restart_type::transient, restart_type::temporary})
    for (auto type : {child_type::worker, child_type::supervisor})
      for (auto how :
           {shutdown_policy{0s}, shutdown_policy{5s}, shutdown_policy::infinity(), shutdown_policy::brutal_kill()})
        CHECK(check_child_spec(good.with({.restart = restart, .shutdown = how, .type = type})).ok());
  in_worlds([&](stage& s) {
    s.start(spec_of(usual(), {good, good}));
    CHECK(s.end_of(s.top).find("duplicate_child_name") != std::string::npos);
  });
}

TEST_CASE("C04 each wrong flag is named") {
  auto fails = [](supervisor_flags f, const std::string& term) {
    CAPTURE(term);
    auto r = check_flags(f);
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().message.find("supervisor_data") == 0);
    CHECK(r.error().message.find(term) != std::string::npos);
  };
  CHECK(check_flags({}).ok());
  CHECK(check_flags({.intensity = 0, .period = 1s}).ok());
  fails({.strategy = static_cast<strategy>(9)}, "invalid_strategy");
  fails({.intensity = -1}, "invalid_intensity");
  fails({.intensity = std::numeric_limits<int>::max()}, "invalid_intensity");
  fails({.period = 0s}, "invalid_period");
  fails({.period = 1500ms}, "invalid_period");
  fails({.period = duration::max()}, "invalid_period");
  fails({.auto_shutdown = static_cast<auto_shutdown>(9)}, "invalid_auto_shutdown");
  fails({.backoff = {.first = -1s}}, "invalid_backoff");
  fails({.backoff = {.first = 60s}}, "backoff.max");
  fails({.backoff = {.jitter = 1.5}}, "backoff.jitter");
  in_worlds([](stage& s) {
    s.start(spec_of({.intensity = -1}, {w_child("a")}));
    CHECK(s.end_of(s.top).find("invalid_intensity") != std::string::npos);
  });
}

TEST_CASE("C05 a child's class is shown") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a"), child_supervisor("b", supervisor_spec{})}));
    CHECK(s.info("a").kind == "beamline::supervision::workers::w");
    CHECK(s.info("b").kind == "beamline::supervision::supervisor");
  });
}

TEST_CASE("C06 children are listed newest first, with their state") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    CHECK(s.listed().empty());
    CHECK(s.added(w_child("a")) == "ok");
    CHECK(s.added(w_child("b")) == "ok");
    CHECK(s.listed() == "b a");
    CHECK(s.terminated("a") == "ok");
    CHECK(s.state("a") == "stopped");
    CHECK_FALSE(s.child_pid("a"));
    CHECK(s.deleted("a") == "ok");
    CHECK(s.listed() == "b");
    CHECK(s.w.ask<answer<child_info>>(s.top, which_child{.id = "a"}).error().what == child_error::kind::not_found);
  });
}

TEST_CASE("C08 a name that somebody outside has is already_started with its owner") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto owner = s.n.get().spawn_as<plain>(born_as("n"));
    s.w.run();
    auto a = s.add(w_child("a").with({.name = "n"}));
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().what == child_error::kind::already_started);
    CHECK(a.error().who == owner);
    CHECK(s.counts() == "[0,0,0,0]");
    s.n.kill(owner);
    s.w.run();
    CHECK(s.added(w_child("a").with({.name = "n"})) == "ok");
    CHECK(s.n.get().whereis("n") == s.child_pid("a"));
  });
}

/// Says itself how it is best supervised.
class self_described final : public process {
public:
  self_described(process_context& c, int size) : process{c}, size_{size} {}
  static child_spec child_spec_for(int size) {
    return child<self_described>("described", size).with({.restart = restart_type::transient});
  }
  behavior init() override {
    return handlers([this](const ping&) { return size_; });
  }

private:
  int size_;
};

TEST_CASE("H01 a class may say how it is best supervised") {
  auto spec = child_of<self_described>(3);
  CHECK(spec.id == "described");
  CHECK(spec.restart == restart_type::transient);
  CHECK(spec.type == child_type::worker);
  auto sup = child_supervisor("s", supervisor_spec{});
  CHECK(sup.type == child_type::supervisor);
  CHECK(sup.restart == restart_type::permanent);
  CHECK(sup.effective_shutdown().is_infinity());
}

TEST_CASE("H02 overrides change what they name and nothing else") {
  auto spec = child_of<self_described>(3).with({.id = "other", .significant = true, .shutdown = duration{1s}});
  CHECK(spec.id == "other");
  CHECK(spec.restart == restart_type::transient);
  CHECK(spec.significant);
  CHECK(spec.shutdown == shutdown_policy{1s});
  CHECK(spec.start_timeout == duration::max());
}

TEST_CASE("H04 a supervisor under a name is reached by it") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {child_supervisor("sub", spec_of(usual(), {w_child("x")})).with({.name = "global"})}));
    auto list = s.w.ask<child_list>(pid{s.n.env().self(), "global"}, which_children{});
    REQUIRE(list.size() == 1);
    CHECK(list[0].id == "x");
  });
}

TEST_CASE("H05 a supervisor that the node spawns under a name is reached by it") {
  in_worlds([](stage& s) {
    s.n.get().spawn_as<supervisor>(born_as("top"), spec_of(usual(), {w_child("x")}));
    s.w.run();
    CHECK(s.w.ask<child_counts>(pid{s.n.env().self(), "top"}, count_children{}).active == 1);
  });
}

TEST_CASE("H07 a named worker answers and is stopped with its supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a").with({.name = "worker"})}));
    CHECK(s.w.ask<int>(pid{s.n.env().self(), "worker"}, ping{}) == 1);
    s.order();
    CHECK_FALSE(s.n.get().whereis("worker"));
  });
}

TEST_CASE("H09 start_child starts from a spec") {
  in_worlds([](stage& s) {
    s.start({});
    CHECK(s.w.ask<int>(s.add(w_child("a"))->who, ping{}) == 1);
  });
}

TEST_CASE("H10 start_child starts from a class and its argument") {
  in_worlds([](stage& s) {
    s.start({});
    CHECK(s.w.ask<int>(s.add(child_of<self_described>(13))->who, ping{}) == 13);
  });
}

TEST_CASE("H11 start_child refuses an invalid spec and says why") {
  in_worlds([](stage& s) {
    s.start({});
    auto why = [&](child_spec c) {
      auto a = s.add(std::move(c));
      REQUIRE_FALSE(a.ok());
      CHECK(a.error().what == child_error::kind::invalid_spec);
      return a.error().detail;
    };
    CHECK(why({}).find("missing_id") != std::string::npos);
    CHECK(why(custom("a", nullptr)).find("missing_start") != std::string::npos);
    CHECK(why(w_child("a").with({.shutdown = duration{-1s}})).find("invalid_shutdown") != std::string::npos);
    CHECK(s.counts() == "[0,0,0,0]");
  });
}

TEST_CASE("H12 the life cycle of a child") {
  in_worlds([](stage& s) {
    s.start({});
    CHECK(s.added(w_child("a")) == "ok");
    CHECK(s.counts() == "[1,1,0,1]");
    CHECK(s.deleted("a") == "running");
    CHECK(s.terminated("a") == "ok");
    CHECK(s.state("a") == "stopped");
    CHECK(s.restarted("a") == "ok");
    CHECK(s.state("a") == "running");
    CHECK(s.info("a").incarnation == 2);
    CHECK(s.terminated("a") == "ok");
    CHECK(s.deleted("a") == "ok");
    CHECK(s.counts() == "[0,0,0,0]");
  });
}

TEST_CASE("X06 a stray message is refused, and the supervisor lives") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a")}));
    s.n.cast(s.top, crash{});
    auto a = s.w.try_ask<int>(s.top, ping{});
    CHECK(std::holds_alternative<call_error>(a));
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.counts() == "[1,1,0,1]");
  });
}

TEST_CASE("X08 the end of a process that the start function only found is noticed, too") {
  in_worlds([](stage& s) {
    auto other = s.n.spawn<plain>();
    s.start(spec_of(usual()));
    int calls = 0;
    auto found = custom("f", [&](starter& by) -> start_outcome {
      if (++calls == 1)
        return other;
      return by.spawn<plain>();
    });
    REQUIRE(s.added(found) == "ok");
    CHECK(s.child_pid("f") == other);
    CHECK(s.restarted("f") == "running");
    s.n.cast(other, die{});
    s.w.run();
    CHECK(s.child_pid("f") != other);
    CHECK(calls == 2);
    CHECK(s.terminated("f") == "ok");
  });
}

TEST_CASE("X09 a child keeps its place over restarts; one that is added again comes last") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a"), w_child("t").with({.restart = restart_type::temporary}), w_child("c")}));
    s.tell("t", finish{});
    CHECK(s.listed() == "c a");
    CHECK(s.added(w_child("t").with({.restart = restart_type::temporary})) == "ok");
    CHECK(s.listed() == "t c a");
    s.tell("a", die{});
    CHECK(s.listed() == "t c a");
  });
}

TEST_CASE("X20 restarts by hand cost nothing") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_one, 1), {w_child("a")}));
    for (int i = 0; i < 5; ++i) {
      CHECK(s.terminated("a") == "ok");
      CHECK(s.restarted("a") == "ok");
    }
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).restarts_in_period == 0);
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).restarts_in_period == 1);
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X25 a child that asks its supervisor while it is being started is refused, not hung") {
  class asking final : public process {
  public:
    asking(process_context& c, std::string& heard) : process{c}, heard_{heard} {}
    behavior init() override {
      hold_start();
      call<start_answer>(parent(), start_child{w_child("sibling")}, 60s)
          .then([this](const start_answer& a) { heard_ = stage::word(a), confirm_start(); }, [](const call_error&) {});
      return handlers([](const ping&) { return 1; });
    }

  private:
    std::string& heard_;
  };
  in_worlds([](stage& s) {
    std::string heard;
    auto spec = custom("a", [&](starter& by) -> start_outcome { return by.spawn<asking>(heard); });
    s.start(spec_of(usual(), {spec}));
    CHECK(heard == "would_deadlock");
    CHECK(s.counts() == "[1,1,0,1]");
  });
}

TEST_CASE("D10 start functions of temporary children that were added are let go once they have started") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto held = [&](restart_type restart) {
      auto big = std::make_shared<std::string>(1000, 'x');
      std::weak_ptr<std::string> seen = big;
      auto spec = custom(
          "c", [big](starter& by) -> start_outcome { return by.spawn<w>(); }, restart);
      big.reset();
      CHECK(s.added(std::move(spec)) == "ok");
      auto is_held = !seen.expired();
      auto shown = s.w.ask<answer<child_spec>>(s.top, get_child_spec{.id = "c"});
      CHECK((shown->start != nullptr) == is_held);
      CHECK(s.terminated("c") == "ok");
      if (restart != restart_type::temporary)
        CHECK(s.deleted("c") == "ok");
      return is_held;
    };
    CHECK(held(restart_type::permanent));
    CHECK(held(restart_type::transient));
    CHECK_FALSE(held(restart_type::temporary));
  });
}

}  // namespace beamline::supervision
