#include "supervision/server.hpp"

#include "actors/events.hpp"
#include "supervision/child_spec.hpp"
#include "supervision/supervisor.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::supervision;
using testing::for_each_seed;
using testing::simulated_node;
using testing::world;

namespace {

using notes = std::vector<std::string>;

struct hello {};
struct slow {
  duration length;
};
struct finish {
  reason why;
};
struct fail {};
struct rest {
  duration length;
};

/// Plays the part that a test gives it, and notes what happens to it.
class actor : public server {
public:
  struct part {
    std::function<start_result(behavior)> start = [](behavior b) { return start_result{std::move(b)}; };
    bool traps = false;
    std::function<void()> proceed = [] {};
  };

  actor(process_context& c, notes& n, part p) : server{c}, notes_{n}, part_{std::move(p)} {}

  start_result on_init() override {
    if (part_.traps)
      trap_exits();
    return part_.start(handlers(
        [this](const hello&) {
          note("hello");
          return 1;
        },
        [this](const slow& m) -> deferred {
          auto answer = promise<int>();
          run_after(m.length, [this, answer] {
            note("answered");
            answer.set(2);
          });
          return answer;
        },
        [this](const finish& m) { stop(m.why); }, [](const fail&) { throw std::runtime_error{"boom"}; },
        [this](const rest& m) {
          note("rest");
          idle_after(m.length);
        }));
  }
  void on_continue() override {
    note("continue");
    part_.proceed();
    note("continued");
  }
  void on_terminate(const reason& why) override { note("terminate " + to_string(why)); }
  void on_exit_signal(const exit_signal& e) override { note("exit " + to_string(e.why)); }
  void on_idle() override { note("idle"); }

private:
  void note(std::string what) { notes_.push_back(std::move(what)); }

  notes& notes_;
  part part_;
};

struct run_as {
  std::function<void()> what;
};

/// Its parent is told how it goes.
birth told_birth() {
  birth b;
  b.start_ref = 1;
  return b;
}
birth named(std::string name) {
  birth b;
  b.name = std::move(name);
  return b;
}

/// Parent of the others, and a stranger to them.
class director : public process {
public:
  director(process_context& c, notes& n) : process{c}, notes_{n} {}
  behavior init() override {
    return handlers([](const run_as& m) { m.what(); }, [this](const child_started&) { notes_.push_back("started"); },
                    [this](const child_gone& m) {
                      notes_.push_back((m.when == child_gone::stage::starting  ? "failed "
                                        : m.when == child_gone::stage::ignored ? "ignored "
                                                                               : "gone ")
                                       + to_string(m.why));
                    });
  }
  pid start(notes& n, actor::part p) { return spawn_as<actor>(told_birth(), n, std::move(p)); }
  void send_exit(const pid& to, const reason& why) { exit(to, why); }
  void call_it(const pid& to, duration length, duration within) {
    call<int>(to, slow{length}, within)
        .then([this](int) { notes_.push_back("value"); },
              [this](const call_error& e) { notes_.push_back(to_string(e)); });
  }
  bool handle_other(const caf::type_erased_tuple&) override {
    notes_.push_back("stray message");
    return true;
  }

private:
  notes& notes_;
};

/// A node with a director.
struct stage {
  explicit stage(world& in) : w{in}, n{in.start_node()} {
    ear = n.events().attach<process_crashed>(
        [this](const process_crashed& e) { reported.push_back(std::string{e.message} + ": " + std::string{e.what}); });
    boss = n.spawn<director>(told);
    other = n.spawn<director>(told);
    w.run();
  }
  ~stage() { w.crash_node(n); }  // Before the notes go.
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  director& as(const pid& p) {
    return *static_cast<director*>(caf::actor_cast<caf::abstract_actor*>(n.processes().find(p.id())));
  }
  pid start(actor::part p) {
    pid made;
    n.cast(boss, run_as{[&] { made = as(boss).start(seen, std::move(p)); }});
    w.run_until([&] { return static_cast<bool>(made); });
    return made;
  }
  void exit_from(const pid& from, const pid& to, const reason& why) {
    n.cast(from, run_as{[this, from, to, why] { as(from).send_exit(to, why); }});
    w.run();
  }

  world& w;
  simulated_node& n;
  notes seen;      // By the actor.
  notes told;      // To the directors.
  notes reported;  // As crashes.
  pid boss, other;
  telemetry::handle ear;
};

start_result plain(behavior b) { return b; }

}  // namespace

TEST_CASE("X30 an answer that comes too late is dropped, and both live on") {
  for_each_seed(50, [](world& w) {
    stage s{w};
    auto p = s.start({});
    w.run();
    s.told.clear();
    s.n.cast(s.boss, run_as{[&] { s.as(s.boss).call_it(p, 80ms, 20ms); }});
    w.advance(50ms);
    CHECK(s.told == notes{"timeout"});
    w.advance(1s);
    CHECK(s.seen == notes{"answered"});
    CHECK(s.told == notes{"timeout"});
    CHECK(w.ask<int>(p, hello{}) == 1);
    CHECK(s.n.is_alive(s.boss));
  });
}

TEST_CASE("X31 the continuation comes after the start and before any message") {
  for_each_seed(50, [](world& w) {
    stage s{w};
    auto started_before = false;
    auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_continue(); },
                      .proceed =
                          [&] {
                            testing::block(300ms);
                            started_before = s.told == notes{"started"};
                          }});
    auto asked_at = w.now();
    CHECK(w.ask<int>(p, hello{}) == 1);
    CHECK(s.seen == notes{"continue", "continued", "hello"});
    CHECK(s.told == notes{"started"});
    CHECK(w.now() - asked_at >= 250ms);
  });
}

TEST_CASE("a starter does not wait for the continuation, and its failure is no failed start") {
  for_each_seed(20, [](world& w) {
    stage s{w};
    auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_continue(); },
                      .proceed = [] { throw std::runtime_error{"no way on"}; }});
    w.run();
    CHECK_FALSE(s.n.is_alive(p));
    CHECK(s.told == notes{"started", "gone crashed: no way on"});
    CHECK(s.seen == notes{"continue", "terminate crashed: no way on"});
    CHECK(s.reported == notes{"init: no way on"});
  });
}

TEST_CASE("X32 a trapping server ends with its parent and is told of strangers") {
  for (const auto& why : {reason::normal(), reason::shutdown(), reason::custom("other"), reason::killed()})
    for_each_seed(10, [&](world& w) {
      stage s{w};
      auto p = s.start({.traps = true});
      w.run();
      s.exit_from(s.other, p, why);
      CHECK(s.n.is_alive(p));
      CHECK(s.seen == notes{"exit " + to_string(why)});
      s.exit_from(s.boss, p, why);
      CHECK_FALSE(s.n.is_alive(p));
      CHECK(s.seen == notes{"exit " + to_string(why), "terminate " + to_string(why)});
      CHECK(s.told == notes{"started", "gone " + to_string(why)});
    });
}

TEST_CASE("a server that does not trap exits dies of signals without a word, and ignores normal ones") {
  for_each_seed(20, [](world& w) {
    stage s{w};
    auto p = s.start({});
    w.run();
    s.exit_from(s.boss, p, reason::normal());
    CHECK(s.n.is_alive(p));
    s.exit_from(s.boss, p, reason::shutdown());
    CHECK_FALSE(s.n.is_alive(p));
    CHECK(s.seen.empty());
    CHECK(s.told == notes{"started", "gone shutdown"});
    CHECK(s.reported.empty());
  });
}

TEST_CASE("a trapping server whose parent is gone ends with the node") {
  world w;
  stage s{w};
  auto p = s.start({.traps = true});
  w.run();
  s.n.exit(p, reason::shutdown());  // From outside, a stranger.
  w.run();
  CHECK(s.n.is_alive(p));
  s.n.kill(s.boss);
  w.run();
  s.n.exit(p, reason::shutdown());
  w.run();
  CHECK_FALSE(s.n.is_alive(p));
  CHECK(s.seen == notes{"exit shutdown", "terminate shutdown"});
}

TEST_CASE("X33 a server says how its start went") {
  std::function<void(world&, stage&)> story;
  SUBCASE("it stops, which is reported") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = [](const behavior&) { return start_result::stop(reason::custom("no disk")); }});
      w.run();
      CHECK_FALSE(s.n.is_alive(p));
      CHECK(s.told == notes{"failed custom: no disk"});
      CHECK(s.reported == notes{"init: no disk"});
    };
  }
  SUBCASE("it refuses, quietly") {
    story = [](world& w, stage& s) {
      s.start({.start = [](const behavior&) { return start_result::refuse(reason::custom("no disk")); }});
      w.run();
      CHECK(s.told == notes{"failed custom: no disk"});
      CHECK(s.reported.empty());
    };
  }
  SUBCASE("it is not needed") {
    story = [](world& w, stage& s) {
      s.start({.start = [](const behavior&) { return start_result::ignore(); }});
      w.run();
      REQUIRE(s.told.size() == 1);
      CHECK(s.told[0].substr(0, 7) == "ignored");
      CHECK(s.reported.empty());
    };
  }
  SUBCASE("it throws, which is reported") {
    story = [](world& w, stage& s) {
      s.start({.start = [](const behavior&) -> start_result { throw std::runtime_error{"bad"}; }});
      w.run();
      CHECK(s.told == notes{"failed crashed: bad"});
      CHECK(s.reported == notes{"init: bad"});
    };
  }
  SUBCASE("it starts") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = plain});
      w.run();
      CHECK(s.n.is_alive(p));
      CHECK(s.told == notes{"started"});
    };
  }
  for_each_seed(20, [&](world& w) {
    stage s{w};
    story(w, s);
    CHECK(s.seen.empty());  // Whose start failed does not terminate.
  });
}

TEST_CASE("a server that takes too long to start is killed by its supervisor") {
  for_each_seed(20, [](world& w) {
    stage s{w};
    auto spec = child<actor>("slow", std::ref(s.seen),
                             actor::part{.start =
                                             [](behavior b) {
                                               testing::block(10s);
                                               return start_result{std::move(b)};
                                             }})
                    .with({.start_timeout = 100ms});
    auto top = s.n.spawn<supervisor>(supervisor_spec{});
    w.run();
    auto before = w.now();
    auto a = w.ask<start_answer>(top, start_child{spec}, 60s);
    REQUIRE_FALSE(a);
    CHECK(a.error().what == child_error::kind::start_failed);
    CHECK(to_string(a.error()).find("timeout") != std::string::npos);
    CHECK(w.now() - before < 5s);
    w.advance(20s);
    CHECK(s.seen.empty());
  });
}

TEST_CASE("X34 an idle server is told once, any message calls it off, and it has to be said anew") {
  std::function<void(world&, stage&)> story;
  SUBCASE("nothing comes") {
    story = [](world& w, stage& s) {
      s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_idle_after(50ms); }});
      w.advance(49ms);
      CHECK(s.seen.empty());
      w.advance(2ms);
      CHECK(s.seen == notes{"idle"});
      w.advance(1s);
      CHECK(s.seen == notes{"idle"});
    };
  }
  SUBCASE("a message comes in time") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_idle_after(50ms); }});
      w.advance(30ms);
      s.n.cast(p, hello{});
      w.advance(1s);
      CHECK(s.seen == notes{"hello"});
    };
  }
  SUBCASE("each message says it anew") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_idle_after(50ms); }});
      for (int i = 0; i < 5; ++i) {
        w.advance(30ms);
        s.n.cast(p, rest{50ms});
      }
      w.advance(45ms);
      CHECK(s.seen == notes{"rest", "rest", "rest", "rest", "rest"});
      w.advance(6ms);
      CHECK(s.seen == notes{"rest", "rest", "rest", "rest", "rest", "idle"});
    };
  }
  SUBCASE("said again for a shorter time") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_idle_after(10s); }});
      s.n.cast(p, rest{50ms});
      w.advance(51ms);
      CHECK(s.seen == notes{"rest", "idle"});
      w.advance(60s);
      CHECK(s.seen == notes{"rest", "idle"});
    };
  }
  SUBCASE("said again at the very moment it was due") {
    story = [](world& w, stage& s) {
      auto p = s.start({.start = [](behavior b) { return start_result{std::move(b)}.then_idle_after(50ms); }});
      w.advance(50ms - 30us);
      if (s.seen.empty()) {
        s.n.cast(p, rest{50ms});
        w.advance(49ms);
        auto early = s.seen;
        w.advance(2ms);
        // Either it fell idle before the message, or the message called that off; in both cases it falls idle again.
        CHECK((early == notes{"idle", "rest"} || early == notes{"rest"}));
        CHECK(s.seen.size() == early.size() + 1);
        CHECK(s.seen.back() == "idle");
      }
    };
  }
  for_each_seed(50, [&](world& w) {
    stage s{w};
    story(w, s);
  });
}

TEST_CASE("terminate runs for every end of a server's own making") {
  std::function<void(world&, stage&, const pid&)> story;
  SUBCASE("it stops") {
    story = [](world& w, stage& s, const pid& p) {
      s.n.cast(p, finish{reason::normal()});
      w.run();
      CHECK(s.seen == notes{"terminate normal"});
      CHECK(s.reported.empty());
    };
  }
  SUBCASE("it stops for an unusual reason, which is reported") {
    story = [](world& w, stage& s, const pid& p) {
      s.n.cast(p, finish{reason::custom("odd")});
      w.run();
      CHECK(s.seen == notes{"terminate custom: odd"});
      REQUIRE(s.reported.size() == 1);
      CHECK(s.reported[0].find("finish: odd") != std::string::npos);
    };
  }
  SUBCASE("it throws, which is reported once") {
    story = [](world& w, stage& s, const pid& p) {
      s.n.cast(p, fail{});
      w.run();
      CHECK(s.seen == notes{"terminate crashed: boom"});
      CHECK(s.reported.size() == 1);
    };
  }
  SUBCASE("it is asked to stop") {
    story = [](world& w, stage& s, const pid& p) {
      s.n.cast(p, stop_order{reason::shutdown()});
      w.run();
      CHECK(s.seen == notes{"terminate shutdown"});
      CHECK(s.reported.empty());
    };
  }
  for_each_seed(20, [&](world& w) {
    stage s{w};
    auto p = s.start({});
    w.run();
    story(w, s, p);
    CHECK_FALSE(s.n.is_alive(p));
  });
}

TEST_CASE("terminate does not run for a server that is killed, whether it traps exits or not") {
  for (bool traps : {false, true})
    for_each_seed(20, [&](world& w) {
      stage s{w};
      auto p = s.start({.traps = traps});
      w.run();
      s.n.kill(p);
      w.run();
      CHECK_FALSE(s.n.is_alive(p));
      CHECK(s.seen.empty());
      CHECK(s.told == notes{"started", "gone killed"});
    });
}

TEST_CASE("a server that calls itself is answered in a later turn: nobody waits, so nothing is locked") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    class narcissus : public server {
    public:
      using server::server;
      start_result on_init() override {
        return handlers([](const hello&) { return 1; },
                        [this](const rest& m) -> deferred {
                          auto answer = promise<int>();
                          call<int>(self(), hello{}, m.length)
                              .then([answer](int v) { answer.set(v + 1); },
                                    [answer](const call_error& e) { answer.fail(e); });
                          return answer;
                        });
      }
    };
    auto p = n.spawn<narcissus>();
    CHECK(w.ask<int>(p, rest{1s}) == 2);
    CHECK(n.is_alive(p));
  });
}

TEST_CASE("a server that stops in its continuation has started and ends in order") {
  world w;
  auto& n = w.start_node();
  notes seen;
  class brief : public server {
  public:
    brief(process_context& c, notes& to) : server{c}, notes_{to} {}
    start_result on_init() override {
      return start_result{handlers([](const hello&) { return 1; })}.then_continue();
    }
    void on_continue() override { stop(reason::shutdown("done")); }
    void on_terminate(const reason& why) override { notes_.push_back(to_string(why)); }

  private:
    notes& notes_;
  };
  auto p = n.spawn<brief>(seen);
  w.run();
  CHECK_FALSE(n.is_alive(p));
  CHECK(seen == notes{"shutdown: done"});
}

// -- OTP's own cases -----------------------------------------------------------------------

namespace {

struct push {
  int value;
};
struct pop {};

/// The stack of the gen_server suite.
class stack : public server {
public:
  explicit stack(process_context& c, std::deque<int> items = {}) : server{c}, items_{std::move(items)} {}
  static child_spec child_spec_for(std::deque<int> items) {
    return child<stack>("stack", std::move(items)).with({.restart = restart_type::transient});
  }
  start_result on_init() override {
    return handlers([this](const push& m) { items_.push_front(m.value); },
                    [this](const pop&) {
                      if (items_.empty())
                        throw std::logic_error{"the stack is empty"};
                      auto top = items_.front();
                      items_.pop_front();
                      return top;
                    });
  }

private:
  std::deque<int> items_;
};

}  // namespace

TEST_CASE("N01 a server class says how it is supervised, and that can be said differently") {
  auto spec = child_of<stack>(std::deque<int>{1});
  CHECK(spec.id == "stack");
  CHECK(spec.restart == restart_type::transient);
  CHECK(spec.type == child_type::worker);
  CHECK(spec.effective_shutdown() == shutdown_policy{5s});
  CHECK(spec.kind.find("stack") != std::string::npos);
  auto other = spec.with({.id = "other", .shutdown = shutdown_policy::infinity()});
  CHECK(other.id == "other");
  CHECK(other.restart == restart_type::transient);
  CHECK(other.effective_shutdown().is_infinity());
}

TEST_CASE("N02 a name that cannot be one is refused at the start") {
  world w;
  auto& n = w.start_node();
  auto too_long = std::string(name_table::name_bytes_max + 1, 'x');
  CHECK_THROWS_AS((void)n.get().spawn_as<stack>(named(too_long)), std::invalid_argument);
  w.run();
  CHECK(n.processes().count() == 0);
}

TEST_CASE("N03 a server is reached under its name, which only one can have") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = n.get().spawn_as<stack>(named("stack"), std::deque<int>{1, 2});
    pid name{n.env().self(), "stack"};
    CHECK(w.ask<int>(name, pop{}) == 1);
    CHECK(w.ask<int>(p, pop{}) == 2);
    try {
      (void)n.get().spawn_as<stack>(named("stack"));
      FAIL("the name is taken");
    } catch (const name_taken& e) {
      CHECK(e.owner() == p);
    }
    auto top = n.spawn<supervisor>(supervisor_spec{});
    auto a = w.ask<start_answer>(top, start_child{child_of<stack>(std::deque<int>{}).with({.name = "stack"})});
    REQUIRE_FALSE(a);
    CHECK(a.error().what == child_error::kind::already_started);
    CHECK(a.error().who == p);
  });
}

TEST_CASE("N04 a server answers calls, takes casts and is stopped; what nobody takes vanishes") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = n.spawn<stack>(std::deque<int>{1});
    CHECK(w.ask<int>(p, pop{}) == 1);
    n.cast(p, push{2});
    n.cast(p, push{3});
    CHECK(w.ask<int>(p, pop{}) == 3);
    CHECK(w.ask<int>(p, pop{}) == 2);
    n.cast(pid{n.env().self(), "nobody"}, push{4});
    n.cast(pid{}, push{4});
    n.cast(p, stop_order{reason::normal()});
    w.run();
    CHECK_FALSE(n.is_alive(p));
    n.cast(p, push{5});
    w.run();
    CHECK(std::get<call_error>(w.try_ask<int>(p, pop{})).what == call_error::kind::noproc);
    auto q = n.spawn<stack>();
    CHECK(std::get<call_error>(w.try_ask<int>(q, pop{}))
          == call_error{call_error::kind::crashed, reason::crashed("the stack is empty")});
  });
}

TEST_CASE("N05 servers without a name are as many as one likes") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<stack>(std::deque<int>{1});
  auto q = n.spawn<stack>(std::deque<int>{2});
  w.run();
  CHECK(n.processes().info(p.id(), w.now())->name.empty());
  CHECK(w.ask<int>(p, pop{}) == 1);
  CHECK(w.ask<int>(q, pop{}) == 2);
}

TEST_CASE("N08 a name gives the process that has it, or nobody") {
  world w;
  auto& n = w.start_node();
  CHECK_FALSE(n.get().whereis("stack"));
  auto p = n.get().spawn_as<stack>(named("stack"));
  CHECK(n.get().whereis("stack") == p);
  n.kill(p);
  w.run();
  CHECK_FALSE(n.get().whereis("stack"));
}
