#include "supervision/tasks/bench.hpp"

#include "supervision/supervisor.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

namespace {

void stop_supervisor(bench& b) {
  b.in([&](client& c) {
    c.stop_process(b.sup, reason::shutdown(), 60s, [&](const std::optional<call_error>& e) { CHECK(!e); });
  });
}

}  // namespace

TEST_CASE("K01 a task supervisor is a child of a supervisor, found by its name") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto top = n.spawn<supervisor>(supervisor_spec{.children = {child_task_supervisor("tasks", {.name = "my_tasks"})}});
    w.run();
    auto tasks = n.get().whereis("my_tasks");
    REQUIRE(tasks);
    auto children = w.ask<child_list>(top, which_children{});
    REQUIRE(children.size() == 1);
    CHECK(children[0].who == tasks);
    CHECK(children[0].type == child_type::supervisor);
  });
}

TEST_CASE("K03 several task supervisors stand beside each other under one supervisor") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto top = n.spawn<supervisor>(
        supervisor_spec{.children = {child_task_supervisor("a", {.name = "a"}), child_task_supervisor("b")}});
    w.run();
    CHECK(w.ask<child_counts>(top, count_children{}).active == 2);
  });
}

TEST_CASE("K04 a task supervisor counts and lists its tasks") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    CHECK(w.ask<child_list>(b.sup, which_children{}).empty());
    CHECK(b.counts() == child_counts{});
    b.in([&](client& c) { async<int>(c, b.sup, endless()); });
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
  });
}

TEST_CASE("K10 a task with brutal_kill is killed when its supervisor stops") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_nolink<int>(c, b.sup, endless(), {.shutdown = shutdown_policy::brutal_kill()})
          .await(1h, note_value(b), note_error(b));
      async_nolink<int>(c, b.sup, endless()).await(1h, note_value(b), note_error(b));
    });
    stop_supervisor(b);
    std::sort(b.heard.begin(), b.heard.end());
    CHECK(b.heard == strings{"ended: killed", "ended: shutdown"});
  });
}

TEST_CASE("K12 start_task starts a task that nobody waits for") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    int runs = 0;
    pid task;
    b.in([&](client& c) {
      start_task(
          c, b.sup,
          [&](task_context& t, task_promise<void> p) {
            ++runs;
            t.run_after(1s, [p] { p.set(); });
          },
          {}, [&](const start_answer& a) { task = a->who; });
    });
    CHECK(runs == 1);
    CHECK(b.info(b.me).links == 0);
    auto children = w.ask<child_list>(b.sup, which_children{});
    REQUIRE(children.size() == 1);
    CHECK(children[0].who == task);
    w.advance(2s);
    CHECK(runs == 1);
    b.check_clean();
  });
}

TEST_CASE("K14 a task nobody waits for with brutal_kill is killed when its supervisor stops") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    pid task;
    auto keep = [](task_context& t, task_promise<void> p) { t.run_after(1h, [p] {}); };
    b.in([&](client& c) {
      start_task(c, b.sup, keep, {.task = {.shutdown = shutdown_policy::brutal_kill()}},
                 [&](const start_answer& a) { task = a->who; });
    });
    stop_supervisor(b);
    CHECK(b.end_of(task) == "killed");
  });
}

TEST_CASE("K15 a task nobody waits for knows its callers") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    pid outer;
    std::vector<pid> callers;
    b.in([&](client& c) {
      start_task(c, b.sup, [&](task_context& t) {
        outer = t.self();
        start_task(t, b.sup, [&](task_context& inner) { callers = inner.callers(); });
      });
    });
    // The inner one was started in the name of a task that has ended since.
    CHECK(callers == std::vector{outer, b.me});
    b.check_clean();
  });
}

TEST_CASE("a transient task is run again from scratch until it is done, a permanent one for ever") {
  for_each_seed(30, [](world& w) {
    bench b{w, {.flags = {.intensity = 10}}};
    int tries = 0;
    std::vector<int> fresh;
    b.in([&](client& c) {
      start_task(c, b.sup,
                 [&tries, &fresh, own = 0]() mutable {
                   fresh.push_back(++own);  // Each life has a copy as it was given.
                   if (++tries < 3)
                     throw std::runtime_error{"not yet"};
                 },
                 {.restart = restart_type::transient});
    });
    CHECK(tries == 3);
    CHECK(fresh == std::vector{1, 1, 1});
    b.check_clean();
    int rounds = 0;
    b.in([&](client& c) {
      start_task(c, b.sup,
                 [&rounds](task_context& t, task_promise<void> p) {
                   ++rounds;
                   t.run_after(10s, [p] { p.set(); });
                 },
                 {.restart = restart_type::permanent});
    });
    w.advance(35s);
    CHECK(rounds == 4);
  });
}

TEST_CASE("a refused start_task says why") {
  for_each_seed(20, [](world& w) {
    bench b{w, {.max_children = 0}};
    b.in([&](client& c) {
      start_task(
          c, b.sup, [] {}, {}, [&](const start_answer& a) { b.heard.push_back(a ? "ok" : to_string(a.error())); });
    });
    REQUIRE(b.heard.size() == 1);
    CHECK(b.heard[0].starts_with("max_children"));
  });
}

TEST_CASE("a task can be started from outside any process") {
  world w{1};
  bench b{w};
  bool has_run = false;
  auto a = w.ask<start_answer>(b.sup, start_child{task_child([&](task_context& t) {
                                 CHECK(t.callers().empty());
                                 CHECK(!t.owner());
                                 has_run = true;
                               })});
  CHECK(a.ok());
  b.check_clean();
  CHECK(has_run);
}
