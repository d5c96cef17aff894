#include "base/log.hpp"
#include "supervision/backoff.hpp"
#include "supervision/board.hpp"
#include "supervision/restart_window.hpp"
#include "supervision/slot.hpp"
#include "supervision/supervisor/fixture.hpp"

// The small parts a supervisor is made of.

namespace beamline::supervision {

TEST_CASE("restart_window gives up on one restart too many within the period") {
  restart_window window{{.restarts_max = 2, .period = 5s}};
  auto start = time_point{1h};
  CHECK(window.record(start));
  CHECK(window.record(start + 1s));
  SUBCASE("a third restart inside the period is refused") { CHECK_FALSE(window.record(start + 2s)); }
  SUBCASE("a restart exactly one period old still counts") { CHECK_FALSE(window.record(start + 5s)); }
  SUBCASE("a third restart after the first has aged out is allowed") { CHECK(window.record(start + 5s + 1ns)); }
}

TEST_CASE("restart_window counts what is still within the period") {
  restart_window window{{.restarts_max = 9, .period = 5s}};
  auto start = time_point{1h};
  for (int i = 0; i < 4; ++i)
    CHECK(window.record(start + i * 1s));
  CHECK(window.count(start + 3s) == 4);
  CHECK(window.count(start + 7s) == 2);
  CHECK(window.count(start + 20s) == 0);
}

TEST_CASE("restart_window keeps what was recorded when its limits change") {
  restart_window window{{.restarts_max = 9, .period = 5s}};
  auto start = time_point{1h};
  CHECK(window.record(start));
  CHECK(window.record(start + 1s));
  window.use({.restarts_max = 2, .period = 5s});
  CHECK_FALSE(window.record(start + 2s));
}

TEST_CASE("restart_window of intensity 0 refuses the first restart, again and again") {
  restart_window window{{.restarts_max = 0, .period = 1s}};
  CHECK_FALSE(window.record(time_point{1h}));
  CHECK_FALSE(window.record(time_point{2h}));
  CHECK(window.count(time_point{2h}) == 1);
}

TEST_CASE("backoff_delay doubles up to its maximum") {
  seeded_random random{1};
  backoff b{.first = 100ms, .max = 1s, .jitter = 0};
  CHECK(backoff_delay(b, 1, random) == 100ms);
  CHECK(backoff_delay(b, 2, random) == 200ms);
  CHECK(backoff_delay(b, 4, random) == 800ms);
  CHECK(backoff_delay(b, 5, random) == 1s);
  CHECK(backoff_delay(b, 4'000'000'000U, random) == 1s);
  CHECK(backoff_delay({.first = 1ns, .max = duration::max(), .jitter = 0}, 4'000'000'000U, random) == duration::max());
  CHECK(backoff_delay({}, 5, random) == 0s);
}

TEST_CASE("backoff_delay varies by its jitter and no more") {
  seeded_random random{7};
  backoff b{.first = 1s, .max = 10s, .jitter = 0.2};
  auto least = duration::max(), most = duration::zero();
  for (int i = 0; i < 1000; ++i) {
    auto d = backoff_delay(b, 1, random);
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(least >= 800ms);
  CHECK(least < 810ms);
  CHECK(most <= 1200ms);
  CHECK(most > 1190ms);
}

TEST_CASE("with back-off a restart waits, longer from time to time, and a long life starts anew") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto flags = usual(strategy::one_for_all, 100);
    flags.period = 10s;
    flags.backoff = {.first = 100ms, .max = 10s, .jitter = 0};
    s.start(spec_of(flags, {w_child("a", j), w_child("b", j)}));
    j->clear();
    s.tell("a", die{});
    CHECK(s.state("a") == "restarting");
    CHECK(s.state("b") == "stopped");  // Who shares its fate does not go on without it.
    s.w.advance(95ms);
    CHECK(s.state("a") == "restarting");
    s.w.advance(10ms);
    CHECK(s.state("a") == "running");
    CHECK(*j == lines{"stop a custom: died", "stop b shutdown", "start a", "start b"});
    s.tell("a", die{});
    s.w.advance(150ms);
    CHECK(s.state("a") == "restarting");
    s.w.advance(60ms);
    CHECK(s.state("a") == "running");
    s.w.advance(11s);
    s.tell("a", die{});
    s.w.advance(110ms);
    CHECK(s.state("a") == "running");
  });
}

TEST_CASE("slot_table finds slots by id, by start reference and by place") {
  slot_table t;
  auto spec = [](std::string id) {
    child_spec s;
    s.id = std::move(id);
    return s;
  };
  auto& a = t.add(spec("a"), false);
  auto& b = t.add(spec("b"), true);
  t.set_ref(a, 7);
  CHECK(t.find("a") == &a);
  CHECK(t.find_ref(7) == &a);
  CHECK(t.at(b.position) == &b);
  t.set_ref(a, 0);
  CHECK(t.find_ref(7) == nullptr);
  t.replace_spec(a, spec("a").with({.significant = true}));
  CHECK(t.find("a")->spec.significant);
  t.move_to_end(a);
  CHECK(t.all().rbegin()->second.spec.id == "a");
  CHECK(t.find("a") == &a);
  t.remove(b);
  CHECK(t.find("b") == nullptr);
  CHECK(t.all().size() == 1);
}

TEST_CASE("the name of a child is a stable address: what is cast to it in the gap is parked for its successor") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto flags = usual(strategy::one_for_one, 9);
    flags.backoff = {.first = 1s, .jitter = 0};
    s.start(spec_of(flags, {w_child("a", j).with({.name = "stable", .park_max = 2})}));
    s.tell("a", die{});
    auto name = pid{s.n.env().self(), "stable"};
    s.n.cast(name, die{reason::custom("parked")});
    s.w.run();
    s.w.advance(2s);
    CHECK(std::count(j->begin(), j->end(), "stop a custom: parked") == 1);
  });
}

TEST_CASE("messages about what went wrong are readable and bounded") {
  report r;
  r.what = report::kind::child_terminated;
  r.id = "counter";
  r.supervisor_label = "pipeline";
  r.why = reason::crashed("boom");
  r.incarnation = 3;
  r.intensity = 3;
  r.restarts_in_period = 2;
  r.affected = {"x", "y"};
  auto text = to_string(r);
  CHECK(text.find("child_terminated: \"counter\"") == 0);
  CHECK(text.find("of \"pipeline\"") != std::string::npos);
  CHECK(text.find("crashed: boom") != std::string::npos);
  CHECK(text.find("restarts 2/3") != std::string::npos);
  CHECK(text.find("with x, y") != std::string::npos);
  r.why = reason::crashed(std::string(100'000, 'x'));
  r.id = std::string(5'000, 'y');
  r.affected = std::vector<std::string>(17, std::string(500, 'z'));
  CHECK(to_string(r).size() <= report_text_max);

  child_error e{.what = child_error::kind::start_failed, .detail = "timeout", .why = reason::crashed("boom")};
  CHECK(to_string(e) == "start_failed: timeout: crashed: boom");
  CHECK(to_string(slot_state::restarting) == "restarting");
  CHECK(to_string(shutdown_policy{1500us}) == "1.5ms");
}

}  // namespace beamline::supervision
