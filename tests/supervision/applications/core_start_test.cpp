#include "supervision/applications/core_bench.hpp"
#include "supervision/applications/start_order.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace std::chrono_literals;

TEST_CASE("an application is started hook by hook and stopped in the reverse") {
  core_bench b;
  b.load("a", {}, {"one", "two"});
  b.core.start(1, {"a", {}});
  CHECK(b.seen() == lines{"a.start"});
  b.ok("a.start");
  CHECK(b.seen() == lines{"a.tree"});
  b.tree_up("a");
  CHECK(b.seen() == lines{"a.phase0"});
  CHECK(b.core.which().front().state == application_state::starting);
  b.ok("a.phase0");
  CHECK(b.seen() == lines{"a.phase1"});
  b.ok("a.phase1");
  CHECK(b.seen() == lines{"a runs", "answer 1: ok a"});
  CHECK(b.core.is_running("a"));

  b.core.stop(2, {"a"});
  CHECK(b.seen() == lines{"a.prep_stop"});
  b.ok("a.prep_stop");
  CHECK(b.seen() == lines{"a.shutdown"});
  CHECK(b.core.which().front().state == application_state::stopping);
  b.tree_gone("a");
  CHECK(b.seen() == lines{"a.stop"});
  b.ok("a.stop");
  CHECK(b.seen() == lines{"a is down", "answer 2: ok a"});
  CHECK(b.core.which().empty());
  CHECK(b.core.all().size() == 1);
}

TEST_CASE("an application without hooks and processes just runs") {
  core_bench b;
  b.load({.name = "library", .description = "", .dependencies = {}, .type = {}, .phases = {}});
  b.load({.name = "other", .description = "", .dependencies = {"library"}, .type = {}, .phases = {}});
  b.core.ensure(1, {{"other"}, {}});
  CHECK(b.seen() == lines{"library runs", "other runs", "answer 1: ok library,other"});
  b.core.stop(2, {"library"});
  CHECK(b.seen() == lines{"library is down", "answer 2: ok library"});
}

TEST_CASE("a start hook without a tree goes on to the phases") {
  core_bench b;
  b.load("a", {}, {"one"});
  b.core.start(1, {"a", {}});
  b.take();
  b.ok("a.start", false);
  b.ok("a.phase0");
  b.core.stop(2, {"a"});
  b.take();
  b.ok("a.prep_stop");
  b.ok("a.stop");
  CHECK(b.seen()
        == lines{"a.start", "a.phase0", "a runs", "answer 1: ok a", "a.prep_stop", "a.stop", "a is down",
                 "answer 2: ok a"});
}

TEST_CASE("what cannot be started says why") {
  core_bench b;
  b.load("a");
  b.load("b", {"a"});
  SUBCASE("it is not loaded") {
    b.core.start(1, {"c", {}});
    CHECK(b.seen() == lines{"answer 1: not_found c"});
  }
  SUBCASE("its dependency does not run (S170)") {
    b.core.start(1, {"b", {}});
    CHECK(b.seen() == lines{"answer 1: not_started b"});
    CHECK(b.last_error->other == "a");
    CHECK(to_string(*b.last_error)
          == "application \"b\" depends on \"a\", which is not started; start it before, or ensure both");
  }
  SUBCASE("it runs already") {
    b.start_alone("a");
    b.core.start(1, {"a", {}});
    CHECK(b.seen() == lines{"answer 1: already_started a"});
  }
  SUBCASE("it does not run, and is stopped") {
    b.core.stop(1, {"a"});
    CHECK(b.seen() == lines{"answer 1: not_started a"});
    b.core.stop(2, {"nobody"});
    CHECK(b.seen() == lines{"answer 2: not_found nobody"});
  }
}

TEST_CASE("loading refuses what cannot be meant") {
  core_bench b;
  b.load("a");
  CHECK(text_of(b.core.load({.name = "a", .description = "", .dependencies = {}, .type = {}, .phases = {}}))
        == "already_loaded a");
  CHECK(text_of(b.core.load({.name = "", .description = "", .dependencies = {}, .type = {}, .phases = {}}))
        == "invalid ");
  CHECK(text_of(b.core.load({.name = "s", .description = "", .dependencies = {"s"}, .type = {}, .phases = {}}))
        == "cycle s");
  SUBCASE("and unloading what runs") {
    b.start_alone("a");
    CHECK(text_of(b.core.unload("a")) == "still_running a");
    CHECK(text_of(b.core.unload("b")) == "not_found b");
    b.core.stop(1, {"a"});
    b.take();
    b.take_down("a");
    CHECK(text_of(b.core.unload("a")) == "ok a");
    CHECK_FALSE(b.core.is_loaded("a"));
  }
  SUBCASE("and more than there may be") {
    for (auto i = b.core.all().size(); i < applications_max; ++i)
      b.load("x" + std::to_string(i));
    CHECK(text_of(b.core.load({.name = "last", .description = "", .dependencies = {}, .type = {}, .phases = {}}))
          == "busy last");
  }
}

TEST_CASE("the start order is depth first, each once, and names cycles with their path") {
  std::map<std::string, lines> known{{"a", {}},    {"b", {"a"}},      {"c", {"b", "a"}}, {"d", {"a", "c"}},
                                     {"x", {"y"}}, {"y", {"a", "z"}}, {"z", {"x"}},      {"lost", {"b", "nowhere"}}};
  auto order = [&](lines names) {
    return start_order(names, [&](const std::string& n) { return known.contains(n) ? &known.at(n) : nullptr; });
  };
  CHECK(std::get<0>(order({"d"})) == lines{"a", "b", "c", "d"});
  CHECK(std::get<0>(order({"c", "b", "c"})) == lines{"a", "b", "c"});
  CHECK(std::get<0>(order({})).empty());
  CHECK(std::get<1>(order({"b", "y"})).detail == "\"y\" -> \"z\" -> \"x\" -> \"y\"");
  CHECK(to_string(std::get<1>(order({"x"})))
        == "application \"x\" depends on itself: \"x\" -> \"y\" -> \"z\" -> \"x\"; remove one of these dependencies");
  CHECK(to_string(std::get<1>(order({"lost"})))
        == "application \"lost\" depends on \"nowhere\", which is not loaded; load it or remove the dependency");
  CHECK(std::get<1>(order({"nobody"})).other.empty());
}

TEST_CASE("ensure starts dependencies in order, skips what runs, and names what it started") {
  core_bench b;
  b.load("a");
  b.load("b", {"a"});
  b.load("c", {"b", "a"});
  b.start_alone("a");
  b.core.ensure(1, {{"c"}, {}});
  b.take();
  b.bring_up("b");
  b.bring_up("c");
  CHECK(b.answers[1] == "ok b,c");
  b.core.ensure(2, {{"c"}, {}});
  CHECK(b.seen().back() == "answer 2: ok ");
}

TEST_CASE("when one of an ensure fails, those it started are stopped in reverse, others stay") {
  core_bench b;
  b.load("a");
  b.load("b", {"a"});
  b.load("c", {"b"});
  b.load("d", {"c"});
  b.start_alone("a");
  b.core.ensure(1, {{"d"}, {}});
  b.take();
  b.bring_up("b");
  b.bring_up("c");
  b.seen();
  b.fails("d.start");
  CHECK(b.seen() == lines{"c.prep_stop"});
  b.take_down("c");
  b.take_down("b");
  CHECK(b.answers[1] == "start_failed d");
  CHECK(to_string(*b.last_error) == "application \"d\" did not start: start: custom: boom");
  CHECK(b.core.is_running("a"));
  CHECK_FALSE(b.core.is_running("b"));
  CHECK_FALSE(b.core.is_running("c"));
}

TEST_CASE("ways to fail while starting leave nothing behind") {
  core_bench b;
  b.load("a", {}, {"one", "two"});
  b.core.start(1, {"a", {}});
  b.take();
  SUBCASE("the start hook fails: nothing was taken, nothing is given back") {
    b.fails("a.start");
    CHECK(b.seen() == lines{"a.start", "answer 1: start_failed a"});
  }
  SUBCASE("the tree fails: the stop hook runs") {
    b.ok("a.start");
    b.tree_gone("a", reason::custom("no child"));
    CHECK(b.seen() == lines{"a.start", "a.tree", "a.stop"});
    b.ok("a.stop");
    CHECK(b.seen() == lines{"answer 1: start_failed a"});
    CHECK(b.last_error->why == reason::custom("no child"));
  }
  SUBCASE("a phase fails: the tree is shut down, then the stop hook runs") {
    b.bring_up("a");
    b.ok("a.phase0");
    b.seen();
    b.fails("a.phase1");
    CHECK(b.seen() == lines{"a.shutdown"});
    b.tree_gone("a");
    b.ok("a.stop");
    CHECK(b.seen() == lines{"a.stop", "answer 1: start_failed a"});
    CHECK(to_string(*b.last_error) == "application \"a\" did not start: phase \"two\": custom: boom");
  }
  SUBCASE("the tree ends in a phase, whose answer then comes too late") {
    b.bring_up("a");
    b.seen();
    b.tree_gone("a", reason::shutdown("too many restarts"));
    CHECK(b.seen() == lines{"a.stop"});
    b.ok("a.phase0");
    CHECK(b.seen().empty());
    b.ok("a.stop");
    CHECK(b.seen() == lines{"answer 1: start_failed a"});
  }
  CHECK(b.core.which().empty());
  b.core.start(2, {"a", {}});
  CHECK(b.seen() == lines{"a.start"});
}

TEST_CASE("requests wait for each other") {
  core_bench b;
  b.load("a");
  b.core.start(1, {"a", {}});
  b.core.stop(2, {"a"});
  b.core.start(3, {"a", {}});
  CHECK(b.seen() == lines{"a.start"});
  b.bring_up("a");
  CHECK(b.answers[1] == "ok a");
  b.take_down("a");
  CHECK(b.answers[2] == "ok a");
  b.bring_up("a");
  CHECK(b.answers[3] == "ok a");
}

TEST_CASE("more requests than may wait are answered busy") {
  core_bench b;
  b.load("a");
  for (std::uint64_t i = 0; i <= application_requests_max; ++i)
    b.core.start(i + 1, {"a", {}});
  b.take();
  CHECK(b.answers.size() == 1);
  CHECK(b.answers[application_requests_max + 1] == "busy a");
}

TEST_CASE("settings: a later layer wins, and what differs is told (S174)") {
  application_settings s{{{"a", 1}, {"b", 1}, {"c", 1}}};
  using layer = application_settings::layer;
  s.replace(layer::file, {{"b", 2}, {"c", 2}, {"d", 2}});
  s.set(layer::command_line, "c", 3);
  CHECK(s.get("a") == json(1));
  CHECK(s.get("b") == json(2));
  CHECK(s.get("c") == json(3));
  CHECK_FALSE(s.get("e").has_value());
  CHECK(s.get_or("e", "none") == json("none"));
  s.set(layer::run_time, "a", nullptr);
  CHECK(s.get("a") == json(nullptr));
  s.unset(layer::run_time, "a");
  CHECK(s.get("a") == json(1));

  auto before = s.all();
  s.replace(layer::file, {{"b", 5}, {"e", 5}, {"c", 7}});
  auto changes = compare(before, s.all());
  CHECK(changes.changed == setting_values{{"b", 5}});
  CHECK(changes.added == setting_values{{"e", 5}});
  CHECK(changes.removed == lines{"d"});
  CHECK(compare(s.all(), s.all()).empty());
}
