#pragma once

// The core of the application controller, driven by hand.

#include "supervision/applications/core.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace beamline::supervision {

using lines = std::vector<std::string>;

inline std::string joined(const lines& words) {
  std::string out;
  for (const auto& w : words)
    out += (out.empty() ? "" : ",") + w;
  return out;
}

inline std::string text_of(const application_answer& a) {
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

}  // namespace beamline::supervision
