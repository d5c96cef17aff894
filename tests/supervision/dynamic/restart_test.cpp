// What is restarted and what is not: I16-I21, X29.

#include "supervision/board.hpp"
#include "supervision/dynamic/bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

dynamic_supervisor_spec with_budget(int restarts) {
  return {.flags = {.intensity = restarts, .period = std::chrono::seconds{3600}}};
}

/// Starts once, and never again.
script_ptr only_once() {
  auto s = std::make_shared<script>();
  s->answers["a"] = {start_answer_of::ok};
  s->otherwise = start_answer_of::refuse;
  return s;
}

}  // namespace

TEST_CASE("I16 a temporary child is not restarted, however it ends") {
  under_schedules([](testing::world& world) {
    bench b{world};
    for (const auto& why :
         {reason::shutdown(), reason::shutdown("signal"), reason::normal(), reason::custom("whatever")}) {
      auto p = b.child_of(temporary(w_child("a")));
      b.tell(p, die{why});
      CHECK_FALSE(b.is_alive(p));
      CHECK(b.counts() == child_counts{});
    }
    CHECK(b.count_reports(report::kind::child_terminated) == 1);  // Only the last was an error (S40).
  });
}

TEST_CASE("I17 a transient child is restarted unless it ends normally or with shutdown") {
  under_schedules([](testing::world& world) {
    bench b{world};
    for (const auto& why : {reason::shutdown(), reason::shutdown("signal"), reason::normal()}) {
      b.tell(b.child_of(transient(w_child("a"))), die{why});
      CHECK(b.counts() == child_counts{});
    }
    CHECK(b.count_reports(report::kind::child_terminated) == 0);
    auto p = b.child_of(transient(w_child("a")));
    b.tell(p, die{});
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
    CHECK(b.only_child() != p);
    CHECK(b.count_reports(report::kind::child_terminated) == 1);
  });
}

TEST_CASE("I18 a permanent child is restarted regardless of its reason") {
  under_schedules([](testing::world& world) {
    bench b{world, with_budget(10)};
    auto p = b.child_of(w_child("a"));
    std::uint32_t life = 1;
    for (const auto& why :
         {reason::shutdown(), reason::shutdown("signal"), reason::normal(), reason::custom("whatever")}) {
      b.tell(p, die{why});
      CHECK(b.only_child() != p);
      p = b.only_child();
      CHECK(b.list().front().incarnation == ++life);
    }
    b.tell(p, crash{});
    b.kill(b.only_child());
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
    CHECK(b.count_reports(report::kind::child_terminated) == 6);
    CHECK(world.ask<supervisor_status>(b.sup, get_status{}).restarts_in_period == 6);
  });
}

TEST_CASE("I19 a restarted child counts for max_children") {
  under_schedules([](testing::world& world) {
    auto spec = usual();
    spec.max_children = 1;
    bench b{world, std::move(spec)};
    auto p = b.child_of(w_child("a"));
    b.kill(p);
    CHECK(b.counts() == child_counts{1, 1, 0, 1});
    CHECK(kind_of(b.start(w_child("b"))) == error_kind::max_children);
  });
}

TEST_CASE("I20 a child that cannot be restarted uses up the budget") {
  under_schedules([](testing::world& world) {
    bench b{world, with_budget(1)};
    auto s = only_once();
    auto p = b.child_of(w3_child("a", s));
    b.kill(p);
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(s->starts["a"] == 2);
  });
}

TEST_CASE("I21 failed attempts count, one by one") {
  under_schedules([](testing::world& world) {
    bench b{world, with_budget(10)};
    auto s = only_once();
    auto p = b.child_of(w3_child("a", s));
    b.kill(p);
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(s->starts["a"] == 11);
    CHECK(b.count_reports(report::kind::start_error) == 10);
    REQUIRE(b.count_reports(report::kind::shutdown) == 1);
    CHECK(b.reports.back().why.text.find("reached_max_restart_intensity") != std::string::npos);
  });
}

TEST_CASE("X29 a dynamic supervisor that gives up stops the others and ends with shutdown") {
  under_schedules([](testing::world& world) {
    bench b{world, with_budget(0)};
    auto j = make_journal();
    auto dies = b.child_of(child<plain>("dies"));
    auto other = b.child_of(w_child("other", j));
    b.tell(dies, crash{});
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(b.end_of(other) == "shutdown");
    CHECK(b.count_reports(report::kind::child_terminated) == 1);
    CHECK(b.count_reports(report::kind::shutdown) == 1);
    CHECK(b.count_reports(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("a restart that is ignored drops the child") {
  under_schedules([](testing::world& world) {
    bench b{world};
    auto s = std::make_shared<script>();
    s->answers["a"] = {start_answer_of::ok, start_answer_of::ignore};
    b.tell(b.child_of(w3_child("a", s)), die{});
    CHECK(b.list().empty());
    CHECK(b.is_alive(b.sup));
  });
}

TEST_CASE("a supervisor in endless retries is stopped at once") {
  under_schedules([](testing::world& world) {
    bench b{world, with_budget(1'000'000)};
    auto s = only_once();
    auto p = b.child_of(w3_child("a", s));
    b.n.kill(p);
    REQUIRE(world.run_until([&] { return s->starts["a"] > 50; }));
    auto so_far = s->starts["a"];
    b.order_shutdown();
    REQUIRE(world.run_until([&] { return !b.is_alive(b.sup); }, 1s));
    CHECK(b.end_of(b.sup) == "shutdown");
    CHECK(s->starts["a"] <= so_far + 3);
  });
}

TEST_CASE("a child that waits for its restart is terminated by its last pid, and its retry is dropped") {
  under_schedules([](testing::world& world) {
    auto spec = with_budget(100);
    spec.flags.backoff = {.first = 1s, .max = 8s, .jitter = 0.0};
    bench b{world, std::move(spec)};
    auto j = make_journal();
    auto p = b.child_of(w_child("a", j));
    b.tell(p, die{});
    REQUIRE(b.list().size() == 1);
    CHECK(b.list().front().state == slot_state::restarting);
    CHECK_FALSE(b.list().front().who);
    CHECK(b.counts() == child_counts{1, 0, 0, 1});
    CHECK(b.terminate(p).ok());
    CHECK(b.list().empty());
    world.advance(60s);
    CHECK(std::ranges::count(*j, "start a") == 1);
  });
}

TEST_CASE("back-off grows with restarts in a row and starts anew after a long life") {
  testing::world world;
  auto spec = with_budget(100);
  spec.flags.period = 10s;
  spec.flags.backoff = {.first = 1s, .max = 4s, .jitter = 0.0};
  bench b{world, std::move(spec)};
  auto p = b.child_of(child<plain>("a"));
  auto pause = [&] {
    auto begun = world.now();
    b.tell(p, die{});
    REQUIRE(world.run_until([&] { return b.list().front().state == slot_state::running; }));
    p = b.only_child();
    return std::chrono::round<std::chrono::seconds>(world.now() - begun);
  };
  CHECK(pause() == 1s);
  CHECK(pause() == 2s);
  CHECK(pause() == 4s);
  CHECK(pause() == 4s);
  world.advance(11s);
  CHECK(pause() == 1s);
}

TEST_CASE("progress is reported for starts and restarts, not for instances") {
  testing::world world;
  bench b{world};
  b.tell(b.child_of(child<plain>("a")), die{});
  REQUIRE(b.reports.size() == 3);
  CHECK(b.reports[0].what == report::kind::progress);
  CHECK(b.reports[0].is_api_start);
  CHECK(b.reports[1].what == report::kind::child_terminated);
  CHECK(b.reports[1].why == reason::custom("died"));
  CHECK(b.reports[2].what == report::kind::progress);
  CHECK(b.reports[2].incarnation == 2);
  CHECK_FALSE(b.reports[2].is_api_start);

  bench t{world, world.start_node("t@sim")};
  t.sup = t.n.spawn<dynamic_supervisor>(template_of(instances_of<plain>("p")));
  CHECK(t.one_more().ok());
  CHECK(t.reports.empty());
}

TEST_CASE("the board shows the budget, and children that wait for their restart") {
  board_registry boards;
  testing::world world;
  bench b{world, world.start_node()};
  b.n.env().provide(boards);
  auto spec = with_budget(5);
  spec.flags.backoff = {.first = 1s, .max = 8s, .jitter = 0.0};
  b.sup = b.n.spawn<dynamic_supervisor>(std::move(spec));
  auto p = b.child_of(w_child("a"));
  auto board = boards.find(b.sup.id());
  REQUIRE(board);
  CHECK(board->read(world.now()).flags.intensity == 5);
  CHECK(board->read(world.now()).empty_slots.empty());
  b.tell(p, die{});
  auto waiting = board->read(world.now());
  CHECK(waiting.restarts_in_period == 1);
  REQUIRE(waiting.empty_slots.size() == 1);
  CHECK(waiting.empty_slots[0].id == "a");
  CHECK(waiting.empty_slots[0].state == slot_state::restarting);
  world.advance(2s);
  CHECK(board->read(world.now()).empty_slots.empty());
  b.order_shutdown();
  world.run();
  CHECK(board->read(world.now()).is_stopping);
  CHECK_FALSE(boards.find(b.sup.id()));
}
