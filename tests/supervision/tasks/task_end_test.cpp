#include "supervision/tasks/bench.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

namespace {

/// Does not end when asked to.
auto stubborn() {
  return [](task_context& t, task_promise<int> p) {
    t.trap_exits([p](const exit_signal&) {});
    t.run_after(1h, [p] { p.set(0); });
  };
}

}  // namespace

TEST_CASE("K36 shutdown gives the value that was there, nothing when it stopped the task, else how it ended") {
  SUBCASE("the reply is there already") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async(c, b.sup, [] { return 3; });
        c.run_after(1s, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ok 3"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("running") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, endless());
        c.run_after(1s, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"nothing"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("running, brutally") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, stubborn());
        c.run_after(1s, [&, t] { t.shutdown(shutdown_policy::brutal_kill(), note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"nothing"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("it takes longer than it may") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, stubborn());
        c.run_after(1s, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
      });
      b.w.advance(5s);
      CHECK(b.heard.empty());
      b.w.advance(2s);
      CHECK(b.heard == strings{"ended: killed"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("it has failed before") {
    for_each_schedule(25, [](bench& b) {
      b.trap_exits();
      b.in([&](client& c) {
        auto t = async(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; });
        c.run_after(1s, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ended: crashed: boom"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("it was killed before") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async_nolink<int>(c, b.sup, endless());
        c.run_after(1s, [&, t] {
          c.exit(t.who(), reason::kill());
          c.run_after(1s, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
        });
      });
      b.w.advance(3s);
      CHECK(b.heard == strings{"ended: killed"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("it ends in another way when it is asked to") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, [](task_context& me, task_promise<int> p) {
          me.trap_exits([p](const exit_signal&) { p.fail(reason::custom("not now")); });
        });
        c.run_after(1s, [&, t] { t.shutdown(shutdown_policy::infinity(), note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ended: custom: not now"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("it gives its value when it is asked to end") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, [](task_context& me, task_promise<int> p) {
          me.trap_exits([p](const exit_signal&) { p.set(9); });
        });
        c.run_after(1s, [&, t] { t.shutdown(shutdown_policy::infinity(), note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ok 9"});
      CHECK(b.n.is_alive(b.me));
    });
  }
}

TEST_CASE("a task that is shut down before it was started never runs, or is stopped") {
  for_each_seed(120, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      auto t = async<int>(c, b.sup, endless());
      t.shutdown(duration{5s}, note_outcome(b));
      CHECK_THROWS_AS(t.shutdown(duration{5s}, note_outcome(b)), std::logic_error);
    });
    w.advance(1s);
    CHECK(b.heard == strings{"nothing"});
    CHECK(b.n.is_alive(b.me));
    b.check_clean();
  });
}

TEST_CASE("a linked task that fails just when its owner shuts it down takes the owner along before that or never") {
  for_each_seed(120, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      auto t = async<int>(c, b.sup, [](task_context& me, task_promise<int> p) {
        me.run_after(100us, [p] { p.fail(reason::custom("late")); });
      });
      c.run_after(100us, [&, t] { t.shutdown(duration{5s}, note_outcome(b)); });
    });
    w.advance(1s);
    if (b.n.is_alive(b.me))
      CHECK(b.heard.size() == 1);
    else
      CHECK(b.heard.empty());
    b.check_clean();
  });
}

TEST_CASE("a task stuck in its handler is left to its supervisor and counts as killed") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      auto t = async<int>(c, b.sup,
                          [](task_context& me, task_promise<int> p) {
                            testing::block(60s);
                            me.run_after(1s, [p] { p.set(1); });
                          },
                          {.shutdown = shutdown_policy::brutal_kill(), .kill_grace = 1s});
      c.run_after(1s, [&, t] { t.shutdown(shutdown_policy::brutal_kill(), note_outcome(b)); });
    });
    w.advance(30s);
    CHECK(b.heard == strings{"nothing"});
    CHECK(w.ask<zombie_list>(b.sup, which_zombies{}).size() == 1);
    w.advance(60s);
    CHECK(w.ask<zombie_list>(b.sup, which_zombies{}).empty());
    CHECK(b.heard == strings{"nothing"});
    b.check_clean();
  });
}

TEST_CASE("K38 ignore lets go of a task, before and after its end") {
  SUBCASE("before: nothing, and its failure later is silent") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, [](task_context& me, task_promise<int> p) {
          me.run_after(2s, [p] { p.fail(reason::custom("late")); });
        });
        c.run_after(1s, [&, t] { CHECK(!t.ignore()); });
      });
      b.w.advance(1500ms);
      CHECK(b.counts().active == 1);
      CHECK(b.info(b.me).links == 0);
      b.w.advance(2s);
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("at once") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) { CHECK(!async(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; }).ignore()); });
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("after: the value") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async(c, b.sup, [] { return 3; });
        c.run_after(1s, [&, t] { note_outcome(b)(t.ignore()); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ok 3"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("after: the failure") {
    for_each_schedule(25, [](bench& b) {
      b.trap_exits();
      b.in([&](client& c) {
        auto t = async(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; });
        c.run_after(1s, [&, t] { note_outcome(b)(t.ignore()); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ended: crashed: boom"});
      CHECK(b.n.is_alive(b.me));
    });
  }
}

TEST_CASE("X35 when its owner fails a linked task ends with it, one without a link lives") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    pid linked, free;
    b.in([&](client& c) {
      auto l = async<int>(c, b.sup, endless());
      auto f = async_nolink<int>(c, b.sup, endless());
      c.run_after(1s, [&, l, f] {
        linked = l.who();
        free = f.who();
        c.stop(reason::custom("gone"));
      });
    });
    w.advance(2s);
    CHECK(!b.n.is_alive(linked));
    CHECK(b.end_of(linked) == "custom: gone");
    CHECK(b.n.is_alive(free));
  });
}

TEST_CASE("a linked task whose owner has died before it was started does not run") {
  for_each_seed(80, [](world& w) {
    bench b{w};
    bool has_run = false;
    bool is_owner_gone = false;
    b.in([&](client& c) {
      async(c, b.sup, [&] { has_run = is_owner_gone; });
      c.stop(reason::custom("gone"));
      is_owner_gone = true;
    });
    CHECK(!has_run);
    b.check_clean();
  });
}

TEST_CASE("an owner that keeps its task, and a promise in it, can die") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    auto token = std::make_shared<int>(1);
    b.in([&](client& c) {
      auto t = async_nolink<int>(c, b.sup, endless());
      t.await(
          1h, [token, t](int) {}, [token](const task_error&) {});
      c.stop(reason::custom("gone"));
    });
    CHECK(token.use_count() == 1);
  });
}
