#include "supervision/applications/application_controller.hpp"

#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

/// Application `name` with one worker of that name; everything it does is in the journal.
application noted(const journal& j, const std::string& name, lines dependencies = {}) {
  application a{.name = name, .dependencies = std::move(dependencies)};
  a.start = [j, name](application_context& c) -> application_start {
    note(j, name + ".start as " + c.name());
    return supervisor_spec{.flags = {.intensity = 0}, .children = {w_child(name, j)}};
  };
  a.prep_stop = [j, name](application_context&) { note(j, name + ".prep_stop"); };
  a.stop = [j, name](application_context&) { note(j, name + ".stop"); };
  return a;
}

struct site {
  testing::world& w;
  testing::simulated_node& n;
  pid controller;
  // Shared, because the controller may be the last to go.
  std::shared_ptr<lines> stops = std::make_shared<lines>();
  lines& system_stops = *stops;

  site(testing::world& in, std::vector<application> applications) : w{in}, n{in.start_node()} {
    controller = n.spawn<application_controller>(application_controller::options{
        std::move(applications), [told = stops](const application_ended& e) { told->push_back(e.name); }});
  }

  template <class M>
  application_answer ask(M m) {
    return w.ask<application_answer>(controller, std::move(m), 1h);
  }
  application_list running() { return w.ask<application_list>(controller, which_applications{}); }
  pid top_of(const std::string& name) {
    for (const auto& a : running())
      if (a.name == name)
        return a.top;
    return {};
  }
  pid worker_of(const std::string& name) {
    auto children = w.ask<child_list>(top_of(name), which_children{});
    return children.empty() ? pid{} : children.front().who;
  }
  stop_report stop_everything(duration budget = duration::max()) {
    return w.ask<stop_report>(controller, stop_all{budget}, 1h);
  }
};

lines clear(const journal& j) { return std::exchange(*j, {}); }

}  // namespace

TEST_CASE("X38 applications start behind their dependencies, and stop in the order prep_stop, tree, stop") {
  enum class end { of_one, of_all, of_controller } how = end::of_one;
  SUBCASE("stopping one leaves its dependents alone") { how = end::of_one; }
  SUBCASE("stopping all goes in reverse") { how = end::of_all; }
  SUBCASE("the end of the controller stops all, too") { how = end::of_controller; }
  testing::for_each_seed(50, [how](testing::world& w) {
    auto j = make_journal();
    auto a2 = noted(j, "a2", {"a1"});
    a2.phases = {{"one", [j](application_context&) { note(j, "a2.one"); }},
                 {"two", [j](application_context&) { note(j, "a2.two"); }}};
    site s{w, {a2, noted(j, "a1")}};

    auto alone = s.ask(start_application{"a2"});
    REQUIRE_FALSE(alone.ok());
    CHECK(alone.failed->what == application_error::kind::not_started);
    CHECK(alone.failed->other == "a1");
    CHECK(clear(j).empty());

    CHECK(s.ask(ensure_all_started{{"a2"}}).applications == lines{"a1", "a2"});
    CHECK(clear(j) == lines{"a1.start as a1", "start a1", "a2.start as a2", "start a2", "a2.one", "a2.two"});
    CHECK(s.ask(start_application{"a1"}).failed->what == application_error::kind::already_started);
    auto running = s.running();
    REQUIRE(running.size() == 2);
    CHECK(running[0].name == "a1");
    CHECK(running[1].state == application_state::running);
    CHECK(s.n.is_alive(running[1].top));

    if (how == end::of_one) {
      CHECK(s.ask(stop_application{"a1"}).applications == lines{"a1"});
      CHECK(clear(j) == lines{"a1.prep_stop", "stop a1 shutdown", "a1.stop"});
      CHECK(s.n.is_alive(s.top_of("a2")));
      CHECK_FALSE(s.top_of("a1"));
    }
    if (how == end::of_all) {
      CHECK(s.stop_everything().stopped == lines{"a2", "a1"});
      CHECK(clear(j)
            == lines{"a2.prep_stop", "stop a2 shutdown", "a2.stop", "a1.prep_stop", "stop a1 shutdown", "a1.stop"});
      CHECK(s.running().empty());
      CHECK(s.n.processes().count() == 1);
    }
    if (how == end::of_controller) {
      s.n.exit(s.controller, reason::shutdown());
      w.run();
      CHECK(clear(j)
            == lines{"a2.prep_stop", "stop a2 shutdown", "a2.stop", "a1.prep_stop", "stop a1 shutdown", "a1.stop"});
      CHECK(s.n.processes().count() == 0);
      CHECK(s.system_stops.empty());
    }
  });
}

TEST_CASE("X39 what the end of a top supervisor means depends on the type") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    site s{w, {noted(j, "a")}};
    struct {
      application_type type;
      bool stops;
    } cases[] = {
        {application_type::temporary, false}, {application_type::transient, true}, {application_type::permanent, true}};
    for (const auto& c : cases) {
      REQUIRE(s.ask(start_application{"a", c.type}).ok());
      auto top = s.top_of("a");
      clear(j);
      s.n.cast(s.worker_of("a"), die{});  // Intensity 0: the supervisor gives up.
      w.run();
      CHECK_FALSE(s.n.is_alive(top));
      // Both hooks run, after the tree (S172).
      CHECK(clear(j) == lines{"stop a custom: died", "a.prep_stop", "a.stop"});
      CHECK(s.system_stops == (c.stops ? lines{"a"} : lines{}));
      CHECK(s.running().empty());
      s.system_stops.clear();
    }
  });
}

TEST_CASE("D09 an application whose worker cannot start fails with a nested reason and can be unloaded") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    auto plan = std::make_shared<script>();
    plan->answers["bad"] = {start_answer_of::refuse};
    application a{.name = "a"};
    a.start = [j, plan](application_context&) -> application_start {
      return supervisor_spec{
          .children = {w_child("good", j), child_supervisor("inner", {.children = {w3_child("bad", plan, j)}})}};
    };
    a.stop = [j](application_context&) { note(j, "a.stop"); };
    site s{w, {a}};

    auto answer = s.ask(start_application{"a"});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.failed->what == application_error::kind::start_failed);
    auto why = to_string(answer.failed->why);
    CAPTURE(why);
    auto outer = why.find("inner");
    auto inner = why.find("bad");
    auto cause = why.find("refused");
    CHECK(why.starts_with("shutdown"));
    CHECK(outer != std::string::npos);
    CHECK(inner != std::string::npos);
    CHECK(cause != std::string::npos);
    CHECK(outer < inner);
    CHECK(inner < cause);
    CHECK(to_string(*answer.failed).starts_with("application \"a\" did not start: shutdown"));
    CHECK(*j == lines{"start good", "fail bad", "stop good shutdown", "a.stop"});
    CHECK(s.n.processes().count() == 1);
    CHECK(s.ask(unload_application{"a"}).ok());
    CHECK(s.w.ask<application_list>(s.controller, loaded_applications{}).empty());
  });
}

TEST_CASE("a start hook that throws is a failed start with what was thrown") {
  testing::world w;
  auto j = make_journal();
  application a{.name = "a"};
  a.start = [](application_context&) -> application_start { throw std::runtime_error{"no luck"}; };
  a.stop = [j](application_context&) { note(j, "a.stop"); };
  site s{w, {a}};
  auto answer = s.ask(start_application{"a"});
  REQUIRE_FALSE(answer.ok());
  CHECK(to_string(*answer.failed) == "application \"a\" did not start: start: crashed: no luck");
  CHECK(j->empty());
}

TEST_CASE("a start hook may refuse, and a phase may throw") {
  testing::world w;
  auto j = make_journal();
  application refusing{.name = "refusing"};
  refusing.start = [](application_context&) -> application_start { return reason::custom("not today"); };
  auto throwing = noted(j, "throwing");
  throwing.phases = {{"warm-up", [](application_context&) { throw std::runtime_error{"cold"}; }}};
  site s{w, {refusing, throwing}};
  CHECK(to_string(*s.ask(start_application{"refusing"}).failed)
        == "application \"refusing\" did not start: start: custom: not today");
  CHECK(to_string(*s.ask(start_application{"throwing"}).failed)
        == "application \"throwing\" did not start: phase \"warm-up\": custom: crashed: cold");
  CHECK(*j == lines{"throwing.start as throwing", "start throwing", "stop throwing shutdown", "throwing.stop"});
}

TEST_CASE("hooks may answer later, from anywhere") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    std::vector<std::function<void()>> later;
    application a{.name = "a"};
    a.start = [&later, j](application_context&, const hook_reply<application_start>& done) {
      later.push_back([done, j] { done(supervisor_spec{.children = {w_child("worker", j)}}); });
    };
    a.prep_stop = [&later](application_context&, const hook_reply<result<void>>& done) {
      later.push_back([done] { done({}); });
    };
    site s{w, {a}};
    std::optional<application_answer> answer;
    auto next = [&] {
      w.run();
      REQUIRE(later.size() == 1);
      later.front()();
      later.clear();
    };
    auto asked = [&](auto m) {
      // The hook answers while the world runs the call.
      auto timer = w.at(w.now() + 1s, [&] { next(); });
      auto got = s.ask(std::move(m));
      w.forget(timer);
      return got;
    };
    CHECK(asked(start_application{"a"}).ok());
    CHECK(*j == lines{"start worker"});
    CHECK(asked(stop_application{"a"}).ok());
    CHECK(*j == lines{"start worker", "stop worker shutdown"});
  });
}

TEST_CASE("a hook that drops its answer has failed") {
  testing::world w;
  application a{.name = "a"};
  a.start = [](application_context&, const hook_reply<application_start>&) {};
  site s{w, {a}};
  CHECK(to_string(*s.ask(start_application{"a"}).failed)
        == "application \"a\" did not start: start: crashed: the hook was dropped without an answer");
}

TEST_CASE("an application may have another kind of top, or none") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    application own{.name = "own"};
    own.start = [j](application_context&) -> application_start {
      return start_function{[j](starter& by) -> start_outcome { return by.spawn<workers::w>(j, "top"); }};
    };
    application none{.name = "none", .dependencies = {"own"}};
    none.start = [](application_context&) -> application_start { return std::monostate{}; };
    application foreign{.name = "foreign"};
    pid outsider;
    foreign.start = [&outsider](application_context&) -> application_start {
      return start_function{[&outsider](starter&) -> start_outcome { return outsider; }};
    };
    site s{w, {own, none, foreign}};
    outsider = s.n.spawn<workers::w>(j, "outsider");
    CHECK(s.ask(ensure_all_started{{"none", "foreign"}}).applications == lines{"own", "none", "foreign"});
    CHECK_FALSE(s.top_of("none"));
    CHECK(s.ask(stop_application{"own"}).ok());
    CHECK(s.ask(stop_application{"foreign"}).ok());
    w.run();
    CHECK_FALSE(s.n.is_alive(outsider));
  });
}

TEST_CASE("a top that asks to be ignored, refuses, or cannot be spawned is a failed start") {
  testing::world w;
  auto with_top = [](std::string name, start_function f) {
    application a{.name = std::move(name)};
    a.start = [f](application_context&) -> application_start { return f; };
    return a;
  };
  auto plan = std::make_shared<script>();
  plan->otherwise = start_answer_of::ignore;
  site s{w,
         {with_top("ignored", [](starter&) -> start_outcome { return start_ignored{}; }),
          with_top("ignoring", [plan](starter& by) -> start_outcome { return by.spawn<w3>(plan, journal{}, "x"); }),
          with_top("refused", [](starter&) -> start_outcome { return reason::custom("no"); }),
          with_top("throwing", [](starter&) -> start_outcome { throw std::runtime_error{"bang"}; })}};
  auto why = [&](const std::string& name) { return to_string(s.ask(start_application{name}).failed->why); };
  CHECK(why("ignored") == "custom: its top supervisor asked to be ignored");
  CHECK(why("ignoring") == "custom: its top supervisor asked to be ignored");
  CHECK(why("refused") == "custom: no");
  CHECK(why("throwing") == "crashed: bang");
  CHECK(s.running().empty());
}

TEST_CASE("a cycle of dependencies is named with its path") {
  testing::world w;
  site s{w,
         {{.name = "a", .dependencies = {"b"}},
          {.name = "b", .dependencies = {"c"}},
          {.name = "c", .dependencies = {"a"}}}};
  auto answer = s.ask(ensure_all_started{{"a"}});
  REQUIRE_FALSE(answer.ok());
  CHECK(to_string(*answer.failed)
        == "application \"a\" depends on itself: \"a\" -> \"b\" -> \"c\" -> \"a\"; remove one of these dependencies");
}

TEST_CASE("a hung application is stopped within the budget, and the others in order") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    auto hung = noted(j, "hung");
    hung.start = [j](application_context&) -> application_start {
      auto never = child<deaf>("deaf", j, "deaf");
      never.shutdown = shutdown_policy::infinity();
      return supervisor_spec{.children = {never}};
    };
    std::optional<hook_reply<result<void>>> kept;
    hung.prep_stop = [&kept](application_context&, const hook_reply<result<void>>& done) { kept = done; };
    site s{w, {noted(j, "fine"), hung}};
    REQUIRE(s.ask(ensure_all_started{{"fine", "hung"}}).ok());
    clear(j);
    auto before = w.now();
    auto report = s.stop_everything(8s);
    CHECK(w.now() - before < 8s);
    CHECK(report.stopped == lines{"hung", "fine"});
    CHECK(report.hung == lines{"hung: its prep_stop hook did not answer", "hung: its tree did not end and was killed"});
    CHECK(j->back() == "fine.stop");
    CHECK(s.ask(start_application{"fine"}).failed->what == application_error::kind::stopping);
    kept.reset();
    w.run();
  });
}

TEST_CASE("a killed controller leaves no tree behind, and the node is told") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto j = make_journal();
    site s{w, {noted(j, "a")}};
    REQUIRE(s.ask(start_application{"a"}).ok());
    s.n.kill(s.controller);
    w.run();
    CHECK(s.n.processes().count() == 0);
    CHECK(s.system_stops == lines{"application controller"});
    CHECK(std::find(j->begin(), j->end(), "a.prep_stop") == j->end());
  });
}

TEST_CASE("changed settings are told to applications that run (S174)") {
  testing::for_each_seed(10, [](testing::world& w) {
    auto j = make_journal();
    auto told = [&j](std::string name) {
      auto a = noted(j, name);
      a.settings = {{"port", 1}, {"host", "h"}};
      a.config_change = [j, name](application_context& c, const setting_changes& changes) -> result<void> {
        note(j, name + " port " + c.settings().get_or("port", 0).dump() + " changed "
                    + std::to_string(changes.changed.size()) + " added " + std::to_string(changes.added.size()));
        if (changes.changed.contains("port") && changes.changed.at("port") == json(-1))
          return error{errc::invalid, "the port is -1"};
        return {};
      };
      return a;
    };
    site s{w, {told("a"), told("b")}};
    REQUIRE(s.ask(start_application{"a"}).ok());
    clear(j);
    auto change = [&](setting_values v) {
      return w.ask<settings_answer>(s.controller, change_settings{{{"a", v}, {"b", v}, {"c", {}}}});
    };
    auto first = change({{"port", 2}, {"new", true}});
    CHECK(first.told == lines{"a"});
    REQUIRE(first.refused.size() == 1);
    CHECK(first.refused.front().first == "c");
    CHECK(clear(j) == lines{"a port 2 changed 1 added 1"});
    CHECK(change({{"port", 2}, {"new", true}}).told.empty());
    auto bad = change({{"port", -1}});
    CHECK(bad.told.empty());
    CHECK(bad.refused.back().second.message == "the port is -1");
    CHECK(w.ask<application_setting>(s.controller, get_setting{"b", "port"}) == json(-1));
    CHECK(w.ask<application_setting>(s.controller, get_setting{"b", "host"}) == json("h"));
    CHECK_FALSE(w.ask<application_setting>(s.controller, get_setting{"b", "nothing"}).has_value());
  });
}
