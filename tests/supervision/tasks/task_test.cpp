#include "supervision/tasks/bench.hpp"

#include "base/log.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

TEST_CASE("K05 async starts a task under the supervisor, linked to its owner, and gives the value") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.trap_exits();
    pid task;
    b.in([&](client& c) {
      auto t = async<int>(c, b.sup, later(1s, 3));
      t.await(5s, note_value(b), note_error(b));
      c.run_after(500ms, [&, t] { task = t.who(); });
    });
    w.advance(600ms);
    CHECK(b.info(b.me).links == 1);
    auto children = w.ask<child_list>(b.sup, which_children{});
    REQUIRE(children.size() == 1);
    CHECK(children[0].who == task);
    w.advance(1s);
    CHECK(b.heard == strings{"ok 3"});
    CHECK(b.exits == strings{"normal"});
    b.check_clean();
  });
}

TEST_CASE("a task of void gives no value, one of a string the string, one that moves only is moved") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async(c, b.sup, [] {}).await(5s, note_value(b), note_error(b));
      async(c, b.sup, [](task_context& t) { return t.label(); }, {.label = "x"}).await(5s, note_value(b));
      async(c, b.sup, [owned = std::make_shared<int>(4)] {
        return std::make_unique<int>(*owned);
      }).await(5s, [&](std::unique_ptr<int> v) { b.heard.push_back(std::to_string(*v)); });
      async<void>(c, b.sup, [](task_context&, task_promise<void> p) { p.set(); }).await(5s, note_value(b));
    });
    std::sort(b.heard.begin(), b.heard.end());
    CHECK(b.heard == strings{"4", "ok", "ok", "ok x"});
    b.check_clean();
  });
}

TEST_CASE("K06 a task beyond max_children is not started, and that is its outcome") {
  for_each_seed(30, [](world& w) {
    bench b{w, {.max_children = 1}};
    b.in([&](client& c) {
      async<int>(c, b.sup, later(1s, 1)).await(5s, note_value(b), note_error(b));
      async<int>(c, b.sup, later(1s, 2)).await(5s, note_value(b), note_error(b));
    });
    REQUIRE(b.heard.size() == 1);
    CHECK(b.take_heard()[0].starts_with("not_started: max_children"));
    CHECK(b.n.is_alive(b.me));
    w.advance(2s);
    CHECK(b.heard == strings{"ok 1"});
    b.check_clean();
  });
}

TEST_CASE("a task whose supervisor is not there is not started") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    auto gone = b.n.spawn<client>();
    b.n.kill(gone);
    w.run();
    b.in([&](client& c) { async(c, gone, [] { return 1; }).await(5s, note_value(b), note_error(b)); });
    CHECK(b.heard == strings{"not_started: noproc"});
    b.check_clean();
  });
}

TEST_CASE("K07 a task knows its callers and its ancestors, those of a nested one go on") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    std::vector<pid> outer, inner, ancestors;
    pid first;
    b.in([&](client& c) {
      async<int>(c, b.sup, [&](task_context& t, task_promise<int> p) {
        first = t.self();
        outer = t.callers();
        async(t, b.sup, [&](task_context& n) {
          inner = n.callers();
          ancestors = n.ancestors();
          CHECK(n.owner() == first);
          return 7;
        }).await(5s, [p](int v) { p.set(v); });
      }).await(5s, note_value(b), note_error(b));
    });
    CHECK(b.heard == strings{"ok 7"});
    CHECK(outer == std::vector{b.me});
    CHECK(inner == std::vector{first, b.me});
    CHECK(ancestors == std::vector{b.sup});
    b.check_clean();
  });
}

TEST_CASE("callers are the newest callers_max, however deep tasks are nested") {
  world w{1};
  bench b{w};
  std::size_t seen = 0;
  std::function<void(process&, int)> nest = [&](process& owner, int depth) {
    async<int>(owner, b.sup, [&, depth](task_context& t, task_promise<int> p) {
      seen = t.callers().size();
      if (depth > 0)
        nest(t, depth - 1);
      t.run_after(1s, [p] { p.set(0); });
    });
  };
  b.in([&](client& c) { nest(c, 40); });
  CHECK(seen == task_context::callers_max);
}

TEST_CASE("K09 async_nolink starts a task without linking it") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) { async_nolink<int>(c, b.sup, later(1s, 3)).await(5s, note_value(b), note_error(b)); });
    CHECK(w.ask<child_list>(b.sup, which_children{}).size() == 1);
    CHECK(b.info(b.me).links == 0);
    w.advance(2s);
    CHECK(b.heard == strings{"ok 3"});
    b.check_clean();
  });
}

TEST_CASE("a task that fails without a link is an outcome and nothing else") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_nolink(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; }).await(5s, note_value(b), note_error(b));
    });
    CHECK(b.heard == strings{"ended: crashed: boom"});
    CHECK(b.n.is_alive(b.me));
    b.check_clean();
  });
}

TEST_CASE("K16 awaiting a task that throws something that is no exception fails with that") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in([&](client& c) {
      async(c, b.sup, []() -> int { throw 42; }).await(5s, note_value(b), note_error(b));  // NOLINT: that is the case
    });
    REQUIRE(b.heard.size() == 1);
    CHECK(b.heard[0].starts_with("ended: crashed: "));
    CHECK(b.exits.size() == 1);
    b.check_clean();
  });
}

TEST_CASE("K17 awaiting a task that throws an exception fails with its text; an owner that does not trap ends so") {
  SUBCASE("trapping") {
    for_each_schedule(25, [](bench& b) {
      auto boom = []() -> int { throw std::runtime_error{"boom"}; };
      b.trap_exits();
      b.in([&](client& c) { async(c, b.sup, boom).await(5s, note_value(b), note_error(b)); });
      CHECK(b.heard == strings{"ended: crashed: boom"});
      CHECK(b.exits == strings{"crashed: boom"});
    });
  }
  SUBCASE("not trapping") {
    for_each_schedule(25, [](bench& b) {
      auto boom = []() -> int { throw std::runtime_error{"boom"}; };
      b.in([&](client& c) { async(c, b.sup, boom); });
      CHECK(b.end_of(b.me) == "crashed: boom");
    });
  }
  SUBCASE("awaiting without a way out ends the owner, too") {
    for_each_schedule(25, [](bench& b) {
      auto boom = []() -> int { throw std::runtime_error{"boom"}; };
      b.in([&](client& c) { async_nolink(c, b.sup, boom, {.label = "b"}).await(5s, note_value(b)); });
      CHECK(b.end_of(b.me) == "crashed: task \"b\": ended: crashed: boom");
    });
  }
}

TEST_CASE("K18 awaiting a task that ends with a reason of its own fails with that reason") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in([&](client& c) {
      async(c, b.sup, [](task_context& t) -> int {
        t.fail(reason::custom("unknown"));
      }).await(5s, note_value(b), note_error(b));
      async<int>(c, b.sup, [](task_context& t, task_promise<int> p) {
        t.run_after(1s, [p] { p.fail(reason::custom("late")); });
      }).await(5s, note_value(b), note_error(b));
      async_nolink(c, b.sup, [](task_context& t) -> int {
        t.fail(reason::normal());
      }).await(5s, note_value(b), note_error(b));
    });
    w.advance(2s);
    std::sort(b.heard.begin(), b.heard.end());
    CHECK(b.heard == strings{"ended: custom: late", "ended: custom: unknown", "ended: normal"});
    b.check_clean();
  });
}

TEST_CASE("a task that drops its promise fails") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_nolink<int>(c, b.sup, [](task_context&, const task_promise<int>&) {
      }).await(5s, note_value(b), note_error(b));
    });
    CHECK(b.heard == strings{"ended: crashed: the task dropped its promise without giving a value"});
    b.check_clean();
  });
}

TEST_CASE("K34 awaiting times out, and what comes later is dropped") {
  SUBCASE("with a way out") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) { async<int>(c, b.sup, later(1s, 3)).await(duration{0}, note_value(b), note_error(b)); });
      b.w.advance(2s);
      CHECK(b.heard == strings{"timeout"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("without") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) { async<int>(c, b.sup, later(1s, 3), {.label = "slow"}).await(10ms, note_value(b)); });
      b.w.advance(20ms);
      CHECK(b.heard.empty());
      CHECK(b.end_of(b.me) == "custom: task \"slow\": timeout");
      b.w.advance(2s);
    });
  }
}

TEST_CASE("K34 awaiting the task of somebody else is an error") {
  world w{1};
  bench b{w};
  std::optional<task<int>> t;
  b.in([&](client& c) { t = async<int>(c, b.sup, endless()); });
  auto other = b.n.spawn<client>();
  b.n.cast(other, perform{[&](client&) {
             CHECK_THROWS_AS(t->await(1s, note_value(b)), std::logic_error);
             CHECK_THROWS_AS(t->yield(1s, note_outcome(b)), std::logic_error);
             CHECK_THROWS_AS(t->shutdown(duration{1s}, note_outcome(b)), std::logic_error);
             CHECK_THROWS_AS((void)t->ignore(), std::logic_error);
           }});
  w.run();
  CHECK(b.n.is_alive(t->who()));
}

TEST_CASE("a value that is there is given however short the wait, and only once") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      auto t = async(c, b.sup, [] { return 3; });
      c.run_after(1s, [&, t] {
        t.await(duration{0}, note_value(b), note_error(b));
        CHECK(b.heard.empty());  // Never before the call returns.
        CHECK_THROWS_AS(t.yield(1s, note_outcome(b)), std::logic_error);
        c.run_after(1s, [&, t] { CHECK_THROWS_AS(t.await(1s, note_value(b)), std::logic_error); });
      });
    });
    w.advance(3s);
    CHECK(b.heard == strings{"ok 3"});
    b.check_clean();
  });
}

TEST_CASE("K35 yield gives the value, nothing while the task runs, or how it ended") {
  SUBCASE("the value, also when the task is gone already") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async(c, b.sup, [] { return 3; });
        c.run_after(1s, [&, t] { t.yield(duration{0}, note_outcome(b)); });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"ok 3"});
    });
  }
  SUBCASE("nothing, as often as one likes") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        auto t = async<int>(c, b.sup, later(1s, 3));
        t.yield(duration{0}, [&, t](auto o) {
          note_outcome(b)(o);
          t.yield(100ms, [&, t](auto again) {
            note_outcome(b)(again);
            t.yield(5s, note_outcome(b));
          });
        });
      });
      b.w.advance(2s);
      CHECK(b.heard == strings{"nothing", "nothing", "ok 3"});
    });
  }
  SUBCASE("a normal end without a value is an end") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        async(c, b.sup, [](task_context& t) -> int { t.fail(reason::normal()); }).yield(5s, note_outcome(b));
      });
      CHECK(b.heard == strings{"ended: normal"});
    });
  }
}

TEST_CASE("K40 a task that fails logs its name, who started it, its function and why") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_nolink(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; }, {.label = "fetch"});
      async_nolink(c, b.sup, [](task_context& t) -> int { t.fail(reason::shutdown()); }, {.label = "quiet"});
      auto killed = async_nolink<int>(c, b.sup, endless(), {.label = "killed"});
      c.run_after(1s, [&c, killed] { c.exit(killed.who(), reason::kill()); });
    });
    w.advance(2s);
    auto lines = b.n.env().log().recent();
    std::erase_if(lines, [](const std::string& l) { return l.find("task terminated") == std::string::npos; });
    REQUIRE(lines.size() == 1);
    for (auto part : {"fetch", "starter", "supervisor", "function", "lambda", "crashed: boom"}) {
      CAPTURE(part);
      CHECK(lines[0].find(part) != std::string::npos);
    }
    CHECK(lines[0].find(to_string(b.me)) != std::string::npos);
    b.check_clean();
  });
}
