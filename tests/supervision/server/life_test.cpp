// The life of a server: start, continuation, signals, idling, end (S150-S159).

#include "supervision/child_spec.hpp"
#include "supervision/server/stage.hpp"
#include "supervision/supervisor.hpp"

using namespace beamline;
using namespace beamline::supervision;
using testing::for_each_seed;

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
