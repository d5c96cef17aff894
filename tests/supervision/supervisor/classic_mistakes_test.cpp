#include "supervision/supervisor/fixture.hpp"

// What re-implementations of OTP's supervisors usually get wrong; each of these was checked against the real one.

namespace beamline::supervision {

TEST_CASE("classic mistake: a transient sub-supervisor that gives up is not restarted, and nobody reports it (S60)") {
  in_worlds([](stage& s) {
    auto inner =
        child_supervisor("inner", spec_of(usual(strategy::one_for_one, 0), {w_child("x").with({.name = "x"})}));
    s.start(spec_of(usual(), {inner.with({.restart = restart_type::transient})}));
    s.said.clear();
    s.n.cast(s.n.get().whereis("x"), die{});
    s.w.run();
    CHECK(s.state("inner") == "stopped");
    CHECK(s.said.lines == lines{"child_terminated x custom: died", "shutdown x custom: reached_max_restart_intensity"});
  });
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {child_supervisor("inner", spec_of(usual(strategy::one_for_one, 0),
                                                                {w_child("x").with({.name = "x"})}))}));
    s.n.cast(s.n.get().whereis("x"), die{});
    s.w.run();
    CHECK(s.state("inner") == "running");  // A permanent one is.
    CHECK(s.info("inner").incarnation == 2);
  });
}

TEST_CASE("classic mistake: a group restart brings back children that had finished or were stopped (S48)") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_all),
                    {w_child("a"), w_child("done").with({.restart = restart_type::transient}), w_child("stopped"),
                     w_child("t").with({.restart = restart_type::temporary})}));
    s.tell("done", finish{});
    CHECK(s.terminated("stopped") == "ok");
    CHECK(s.counts() == "[4,2,0,4]");
    s.tell("a", die{});
    CHECK(s.state("done") == "running");
    CHECK(s.state("stopped") == "running");
    CHECK(s.listed() == "stopped done a");  // S49: the temporary bystander is gone.
  });
}

TEST_CASE(
    "classic mistake: siblings that die at the same moment are one restart for a group, two for one_for_one (S51)") {
  auto both_die = [](stage& s, strategy how) {
    s.start(spec_of(usual(how, 1), {w_child("a"), w_child("b")}));
    auto a = s.child_pid("a"), b = s.child_pid("b");
    s.n.kill(a);  // Both are dead before the supervisor hears of either.
    s.n.kill(b);
    s.w.run();
    return s.end_of(s.top);
  };
  in_worlds([&](stage& s) {
    CHECK(both_die(s, strategy::one_for_all) == "still alive");
    CHECK(s.counts() == "[2,2,0,2]");
  });
  in_worlds([&](stage& s) { CHECK(both_die(s, strategy::one_for_one) == "shutdown"); });
}

TEST_CASE("classic mistake: failed restarts take units of the budget (S57)") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok, start_answer_of::refuse, start_answer_of::crash, start_answer_of::ok};
    s.start(spec_of(usual(strategy::one_for_one, 3), {w3_child("a", talk)}));
    s.tell("a", die{});
    CHECK(s.state("a") == "running");
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).restarts_in_period == 3);
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("classic mistake: rest_for_one tries again where it failed, not where it began (S69)") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["c"] = {start_answer_of::ok, start_answer_of::refuse};
    s.start(spec_of(usual(strategy::rest_for_one, 5),
                    {w_child("a", j), w_child("b", j), w3_child("c", talk, j), w_child("d", j)}));
    j->clear();
    s.tell("b", die{});
    CHECK(*j
          == lines{"stop b custom: died", "stop d shutdown", "stop c shutdown", "start b", "fail c", "start c",
                   "start d"});
  });
}

TEST_CASE("classic mistake: later siblings stay down when the one that fails to start is stopped (S69)") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["b"] = {start_answer_of::ok};
    talk->answers["c"] = {start_answer_of::ok, start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    auto flags = usual(strategy::rest_for_one, 1000);
    flags.backoff = {.first = 10ms, .max = 10ms};
    s.start(spec_of(flags, {w_child("a"), w3_child("b", talk), w3_child("c", talk)}));
    s.tell("b", die{});
    s.w.advance(100ms);
    CHECK(s.state("b") == "restarting");
    CHECK(s.state("c") == "stopped");
    CHECK(s.terminated("b") == "ok");
    s.w.advance(1s);
    CHECK(s.state("c") == "stopped");
    talk->otherwise = start_answer_of::ok;
    CHECK(s.restarted("b") == "ok");
    CHECK(s.state("c") == "stopped");
  });
}

TEST_CASE("classic mistake: intensity restarts are allowed, and one exactly a period old still counts (S55, S56)") {
  in_worlds([](stage& s) {
    s.start(spec_of({.intensity = 2, .period = 5s}, {w_child("a")}));
    s.tell("a", die{});
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "still alive");
    s.w.advance(4900ms);
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).restarts_in_period == 2);
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("classic mistake: a parent's exit counts even when it is normal, a stranger's never (S77, S78)") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(), {child_supervisor("sub", spec_of(usual(), {w_child("x", j)}))}));
    auto sub = s.child_pid("sub");
    s.stranger_exits(sub, reason::shutdown());
    CHECK(s.end_of(sub) == "still alive");
    s.n.processes().exit(sub.id(), exit_signal{s.top, reason::normal()});
    s.w.run();
    CHECK(s.end_of(sub) == "normal");
    CHECK(*j == lines{"start x", "stop x shutdown", "start x"});
  });
}

TEST_CASE("classic mistake: a successor starts only when its predecessor has released everything (M4)") {
  class holder final : public process {
  public:
    holder(process_context& c, std::shared_ptr<int> held) : process{c}, held_{std::move(held)} {
      overlaps_ = ++*held_ > 1;
    }
    ~holder() override { --*held_; }
    behavior init() override {
      if (overlaps_)
        throw std::runtime_error{"two lives at once"};
      return handlers([this](const die& m) { stop(m.why); });
    }

  private:
    std::shared_ptr<int> held_;  // The last one is destroyed with the world.
    bool overlaps_ = false;
  };
  in_worlds(
      [](stage& s) {
        auto held = std::make_shared<int>(0);
        auto make = [held](std::string id) {
          return custom(std::move(id), [held](starter& by) -> start_outcome { return by.spawn<holder>(held); });
        };
        s.start(spec_of(usual(strategy::one_for_one, 50), {make("a")}));
        for (int i = 0; i < 10; ++i)
          s.tell("a", die{});
        for (int i = 0; i < 10; ++i)
          s.kill("a");
        CHECK(*held == 1);
        CHECK(s.said.count(report::kind::start_error) == 0);
        CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).restarts == 20);
      },
      100);
}

TEST_CASE("classic mistake: a killed child does not kill its supervisor (S2)") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_one, 5), {w_child("a"), w_child("b")}));
    auto b = s.child_pid("b");
    s.kill("a");
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.child_pid("b") == b);
    CHECK(s.said.only(report::kind::child_terminated).why == reason::killed());
  });
}

TEST_CASE("classic mistake: terminating, group restarts and ignored restarts of significant children are no "
          "auto-shutdown (S82)") {
  auto flags = [](strategy how) {
    auto f = usual(how, 9);
    f.auto_shutdown = auto_shutdown::any_significant;
    return f;
  };
  auto significant = child_spec::overrides{.restart = restart_type::transient, .significant = true};
  in_worlds([&](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["sig"] = {start_answer_of::ok, start_answer_of::ok, start_answer_of::ignore};
    s.start(spec_of(flags(strategy::one_for_all), {w_child("a"), w3_child("sig", talk).with(significant)}));
    s.tell("a", die{});  // sig is stopped as a sibling, and started again.
    CHECK(s.end_of(s.top) == "still alive");
    s.tell("sig", die{});  // An abnormal end: restarted, which it ignores.
    CHECK(s.state("sig") == "stopped");
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.restarted("sig") == "ok");
    CHECK(s.terminated("sig") == "ok");
    CHECK(s.end_of(s.top) == "still alive");
  });
}

}  // namespace beamline::supervision
