#include "supervision/applications/core.hpp"

#include "supervision/applications/start_order.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

std::string joined(const lines& words) {
  std::string out;
  for (const auto& w : words)
    out += (out.empty() ? "" : ",") + w;
  return out;
}

std::string text_of(const application_answer& a) {
  return a.ok() ? "ok " + joined(a.applications) : std::string{to_string(a.failed->what)} + " " + a.failed->application;
}

/// Drives a core by hand and writes down what it wants.
class core_bench {
public:
  application_core core;
  lines log;
  std::map<std::string, std::uint64_t> steps;  // "a.start", "a.tree", "a.limit"
  std::map<std::uint64_t, std::string> answers;
  std::map<std::uint64_t, stop_report> reports;
  std::optional<application_error> last_error;
  duration last_limit{};

  void load(application_facts a) { REQUIRE(core.load(std::move(a)).ok()); }
  /// With all hooks and a tree.
  void load(std::string name, lines dependencies = {}, lines phases = {}) {
    load({std::move(name), "", std::move(dependencies), application_type::temporary, std::move(phases), true, true,
          true});
  }

  void take() {
    for (const auto& e : core.take_effects())
      std::visit([this](const auto& one) { note(one); }, e);
  }
  lines seen() {
    take();
    return std::exchange(log, {});
  }

  void ok(const std::string& step, bool has_tree = true) {
    core.hook_done(steps.at(step), {}, has_tree);
    take();
  }
  void fails(const std::string& step, std::string why = "boom") {
    core.hook_done(steps.at(step), reason::custom(std::move(why)));
    take();
  }
  void tree_up(const std::string& name) {
    core.tree_started(steps.at(name + ".tree"));
    take();
  }
  void tree_gone(const std::string& name, const reason& why = reason::shutdown()) {
    core.tree_gone(steps.at(name + ".tree"), why);
    take();
  }
  void limit() {
    core.time_is_up(steps.at("limit"));
    take();
  }
  /// Start hook, tree, phases.
  void bring_up(const std::string& name) {
    ok(name + ".start");
    tree_up(name);
  }
  void take_down(const std::string& name) {
    ok(name + ".prep_stop");
    tree_gone(name);
    ok(name + ".stop");
  }
  void start_alone(const std::string& name, std::optional<application_type> type = {}) {
    core.start(900, {name, type});
    take();
    bring_up(name);
    seen();
  }

private:
  void note(const effects::run_hook& e) {
    static constexpr const char* names[] = {"start", "phase", "prep_stop", "stop"};
    auto what = e.name + "." + names[static_cast<int>(e.what)];
    if (e.what == application_hook::phase)
      what += std::to_string(e.phase);
    steps[what] = e.step;
    log.push_back(what);
  }
  void note(const effects::start_tree& e) {
    steps[e.name + ".tree"] = e.step;
    log.push_back(e.name + ".tree");
  }
  void note(const effects::end_tree& e) { log.push_back(e.name + (e.is_kill ? ".kill" : ".shutdown")); }
  void note(const effects::limit_step& e) {
    steps["limit"] = e.step;
    last_limit = e.within;
  }
  void note(const effects::answer& e) {
    answers[e.request] = text_of(e.what);
    last_error = e.what.failed;
    log.push_back("answer " + std::to_string(e.request) + ": " + text_of(e.what));
  }
  void note(const effects::answer_stop_all& e) {
    reports[e.request] = e.what;
    log.push_back("all stopped: " + joined(e.what.stopped));
  }
  void note(const effects::changed& e) { log.push_back(e.name + (e.is_running ? " runs" : " is down")); }
  void note(const effects::complain& e) { log.push_back(e.name + ": " + e.what); }
  void note(const effects::ended& e) {
    log.push_back(e.what.name + " ended" + (e.what.stops_system() ? ", system stops" : ""));
  }
};

}  // namespace

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
