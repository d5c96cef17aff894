#pragma once

// A dynamic supervisor in a world, and what happened below it.

#include "supervision/dynamic_supervisor.hpp"
#include "supervision/events.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace beamline::supervision {

/// The catalogue's usual budget.
inline dynamic_supervisor_spec usual() { return {.flags = {.intensity = 2, .period = std::chrono::seconds{3600}}}; }

struct bench {
  testing::world& w;
  testing::simulated_node& n;
  std::vector<report> reports;
  telemetry::handle listening;
  pid sup;

  explicit bench(testing::world& world, dynamic_supervisor_spec s = usual()) : bench{world, world.start_node()} {
    sup = n.spawn<dynamic_supervisor>(std::move(s));
    w.run();
  }
  bench(testing::world& world, testing::simulated_node& node) : w{world}, n{node} {
    listening =
        n.events().attach<supervisor_reported>([this](const supervisor_reported& e) { reports.push_back(e.full); });
  }
  bench(const bench&) = delete;
  bench& operator=(const bench&) = delete;

  start_answer start(child_spec s) { return w.ask<start_answer>(sup, start_child{std::move(s)}, 60s); }
  template <class... Args>
  start_answer one_more(Args... args) {
    return w.ask<start_answer>(sup, instance(std::move(args)...), 60s);
  }
  /// A child that must start.
  pid child_of(child_spec s) {
    auto a = start(std::move(s));
    REQUIRE(a.ok());
    return a->who;
  }
  change_answer terminate(const pid& who) {
    return w.ask<change_answer>(sup, terminate_child{.id = {}, .who = who}, 60s);
  }
  child_counts counts() { return w.ask<child_counts>(sup, count_children{}); }
  child_list list() { return w.ask<child_list>(sup, which_children{}); }
  answer<child_info> find(const pid& who) { return w.ask<answer<child_info>>(sup, which_child{.id = {}, .who = who}); }
  pid only_child() {
    auto all = list();
    REQUIRE(all.size() == 1);
    return all.front().who;
  }

  /// Sends it and lets everything come to rest.
  template <class M>
  void tell(const pid& who, M m) {
    n.cast(who, std::move(m));
    w.run();
  }
  void kill(const pid& who) {
    n.kill(who);
    w.run();
  }
  /// As its parent does.
  void order_shutdown() { n.exit(sup, reason::shutdown()); }
  bool is_alive(const pid& who) { return n.is_alive(who); }
  /// How a process that is gone ended; as text, to be read in failures.
  std::string end_of(const pid& who) {
    if (n.is_alive(who))
      return "alive";
    auto why = n.processes().exit_reason(who.id());
    return why ? to_string(*why) : "unknown";
  }
  std::size_t count_reports(report::kind k) const {
    return static_cast<std::size_t>(std::ranges::count_if(reports, [k](const report& r) { return r.what == k; }));
  }
};

inline child_spec temporary(child_spec s) { return std::move(s).with({.restart = restart_type::temporary}); }
inline child_spec transient(child_spec s) { return std::move(s).with({.restart = restart_type::transient}); }

/// A template whose instances have that restart type and a second to stop.
inline child_template with(child_template t, restart_type r,
                           shutdown_policy stop = shutdown_policy{std::chrono::seconds{1}}) {
  t.spec.restart = r;
  t.spec.shutdown = stop;
  return t;
}

inline dynamic_supervisor_spec template_of(child_template t) {
  auto s = usual();
  s.instances = std::move(t);
  return s;
}

/// Runs the story under many schedules.
template <class Story>
void under_schedules(Story story, std::uint64_t count = 20) {
  testing::for_each_seed(count, [&](testing::world& w) { story(w); });
}

inline child_error::kind kind_of(const start_answer& a) { return a.error().what; }
inline child_error::kind kind_of(const change_answer& a) { return a.error().what; }

}  // namespace beamline::supervision
