#include "supervision/applications/core_bench.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace std::chrono_literals;

TEST_CASE("a tree that ends by itself is followed by both stop hooks, and its type decides about the system (S173)") {
  struct {
    application_type type;
    reason why;
    bool stops;
  } cases[] = {
      {application_type::temporary, reason::shutdown(), false}, {application_type::temporary, reason::normal(), false},
      {application_type::transient, reason::normal(), false},   {application_type::transient, reason::shutdown(), true},
      {application_type::transient, reason::killed(), true},    {application_type::permanent, reason::normal(), true},
      {application_type::permanent, reason::shutdown(), true}};
  for (const auto& c : cases) {
    core_bench b;
    b.load("a");
    b.start_alone("a", c.type);
    b.tree_gone("a", c.why);
    CHECK(b.seen() == lines{c.stops ? "a ended, system stops" : "a ended", "a.prep_stop"});
    b.ok("a.prep_stop");
    b.ok("a.stop");
    CHECK(b.seen() == lines{"a.stop", "a is down"});
  }
}

TEST_CASE("a start behind a tree that just ended by itself waits for its stop hooks") {
  core_bench b;
  b.load("a");
  b.start_alone("a");
  b.tree_gone("a");
  b.core.start(1, {"a", {}});
  CHECK(b.seen() == lines{"a ended", "a.prep_stop"});
  b.ok("a.prep_stop");
  b.ok("a.stop");
  CHECK(b.seen() == lines{"a.stop", "a is down", "a.start"});
}

TEST_CASE("stop hooks that fail are reported and change nothing") {
  core_bench b;
  b.load("a");
  b.start_alone("a");
  b.core.stop(1, {"a"});
  b.take();
  b.fails("a.prep_stop", "x");
  b.tree_gone("a", reason::killed());
  b.fails("a.stop", "y");
  CHECK(b.seen()
        == lines{"a.prep_stop", "a: prep_stop failed: custom: x", "a.shutdown",
                 "a: its tree ended with killed when it was stopped", "a.stop", "a: stop failed: custom: y",
                 "a is down", "answer 1: ok a"});
}

TEST_CASE("stop_all stops in reverse start order and refuses starts from then on") {
  core_bench b;
  b.load("z");
  b.load("a", {"z"});
  b.load("m");
  b.core.ensure(1, {{"a", "m"}, {}});
  b.take();
  b.bring_up("z");
  b.bring_up("a");
  b.bring_up("m");
  b.seen();
  b.core.at(time_point{1s}).stop_all(2, 8s);
  CHECK(b.seen() == lines{"m.prep_stop"});
  CHECK(b.last_limit == 4s);
  b.core.start(3, {"m", {}});
  CHECK(b.seen() == lines{"answer 3: stopping m"});
  b.take_down("m");
  b.take_down("a");
  b.take_down("z");
  CHECK(b.reports[2].stopped == lines{"m", "a", "z"});
  CHECK(b.reports[2].is_clean());
  SUBCASE("once more has nothing to do") {
    b.core.stop_all(4, 1s);
    b.take();
    CHECK(b.reports[4].stopped == lines{"m", "a", "z"});
  }
}

TEST_CASE("with a budget each step that hangs is given up after half of what is left") {
  core_bench b;
  b.load("a");
  b.load("b");
  b.start_alone("a");
  b.start_alone("b");
  b.core.at(time_point{0s}).stop_all(1, 16s);
  CHECK(b.seen() == lines{"b.prep_stop"});
  CHECK(b.last_limit == 8s);
  b.core.at(time_point{8s});
  b.limit();
  CHECK(b.seen() == lines{"b: its prep_stop hook did not answer", "b.shutdown"});
  CHECK(b.last_limit == 4s);
  b.core.at(time_point{12s});
  b.limit();
  CHECK(b.seen() == lines{"b: its tree did not end and was killed", "b.kill"});
  CHECK(b.last_limit == 2s);
  SUBCASE("a killed tree that goes is no longer waited for") { b.tree_gone("b", reason::killed()); }
  SUBCASE("a killed tree that stays is left behind") {
    b.core.at(time_point{14s});
    b.limit();
    CHECK(b.reports.empty());
  }
  b.seen();
  b.limit();  // The stop hook of b.
  CHECK(b.seen() == lines{"b: its stop hook did not answer", "b is down", "a.prep_stop"});
  b.take_down("a");
  CHECK(b.reports[1].stopped == lines{"b", "a"});
  CHECK(b.reports[1].hung.size() >= 3);
  CHECK(b.reports[1].hung.front() == "b: its prep_stop hook did not answer");
}

TEST_CASE("stop_all without a budget has no limits, and a later one with a budget sets them") {
  core_bench b;
  b.load("a");
  b.start_alone("a");
  b.core.stop_all(1, duration::max());
  b.take();
  CHECK_FALSE(b.steps.contains("limit"));
  b.core.stop_all(2, 2s);
  b.take();
  CHECK(b.last_limit == 1s);
  b.limit();
  b.tree_gone("a");
  b.ok("a.stop");
  CHECK(b.reports[1].stopped == lines{"a"});
  CHECK(b.reports[2].stopped == lines{"a"});
}

TEST_CASE("stop_all takes back a start that is under way") {
  core_bench b;
  b.load("a", {}, {"one"});
  b.load("b", {"a"}, {"one"});
  b.start_alone("a");
  b.ok("a.phase0");
  b.core.ensure(1, {{"b"}, {}});
  b.core.stop(2, {"a"});
  b.take();
  SUBCASE("in its start hook, which answers") {
    b.core.stop_all(3, 8s);
    b.ok("b.start");
    CHECK(b.log.back() == "b.stop");
    b.ok("b.stop");
  }
  SUBCASE("in its start hook, which hangs") {
    b.core.stop_all(3, 8s);
    b.take();
    b.limit();
  }
  SUBCASE("while its tree starts") {
    b.ok("b.start");
    b.core.stop_all(3, 8s);
    b.take();
    CHECK(b.log.back() == "b.shutdown");
    b.tree_gone("b");
    b.ok("b.stop");
  }
  SUBCASE("in a phase") {
    b.bring_up("b");
    b.core.stop_all(3, 8s);
    b.ok("b.phase0");
    CHECK(b.log.back() == "b.shutdown");
    b.tree_gone("b");
    b.ok("b.stop");
  }
  SUBCASE("in a phase that hangs") {
    b.bring_up("b");
    b.core.stop_all(3, 8s);
    b.take();
    b.limit();
    CHECK(b.log.back() == "b.shutdown");
    b.tree_gone("b");
    b.ok("b.stop");
  }
  CHECK(b.answers[1] == "stopping b");
  CHECK(b.answers[2] == "stopping a");
  b.take_down("a");
  CHECK(b.reports[3].stopped == lines{"a"});
}

TEST_CASE("stop_all waits for a tree that ended by itself, and goes on with the others") {
  core_bench b;
  b.load("a");
  b.load("b");
  b.start_alone("a");
  b.start_alone("b");
  b.tree_gone("b");
  b.core.stop_all(1, 8s);
  b.take();
  CHECK(b.last_limit == 4s);
  b.ok("b.prep_stop");
  b.ok("b.stop");
  b.take_down("a");
  CHECK(b.reports[1].stopped == lines{"b", "a"});
}
