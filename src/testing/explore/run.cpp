#include "testing/explore/run.hpp"

#include "testing/cluster.hpp"
#include "testing/explore/timeline.hpp"
#include "testing/faults/injector.hpp"
#include "testing/faults/line_text.hpp"
#include "testing/net/simulated_network.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace beamline::testing {

namespace {

// After the horizon the scenario is asked this often whether it has settled.
constexpr duration settle_check_every = 1ms;

// A node that is told to stop has so long.
constexpr duration stop_within = 5s;

/// One run under way. Its parts go in reverse: the watchers, the nodes, the world.
class one_run {
public:
  one_run(scenario& s, const plan& p, const run_options& o)
      : scenario_{s},
        plan_{p},
        options_{o},
        world_{world_options{.seed = p.seed,
                             .weather = p.weather,
                             .script = p.script,
                             .is_recorded = o.is_recorded,
                             .log = log_level::error}},
        cluster_{world_, s.nodes(), [this](simulated_node& n) { scenario_.boot(n); }},
        story_{world_, o.timeline_max},
        injector_{cluster_, p.faults, {.counted = o.counted, .is_recorded = o.is_recorded}} {
    if (o.has_timeline)
      world_.add_observer(story_);
  }
  ~one_run() {
    if (options_.has_timeline)
      world_.remove_observer(story_);
  }
  one_run(const one_run&) = delete;
  one_run& operator=(const one_run&) = delete;

  run_result run() {
    guarded([&] { live(); });
    return collect();
  }

private:
  /// From the first start to the last stop; returns early when it is over.
  void live() {
    if (!fits())
      return;
    scenario_.add_checkers(cluster_);
    cluster_.start();
    if (!go_until(plan_.horizon))
      return;
    injector_.disarm();
    world_.network().end_random_resets();
    world_.tell(nullptr, [] { return std::string{"HORIZON: faults and load end, everything is healed and started"}; });
    cluster_.recover();
    scenario_.stop_load(cluster_);
    if (!settle())
      return;
    cluster_.verify();
    if (!is_over())
      stop_all();
  }

  bool fits() {
    const auto& names = cluster_.names();
    auto is_known = [&](const std::string& n) { return std::find(names.begin(), names.end(), n) != names.end(); };
    for (const auto& f : plan_.faults) {
      auto has_other = shape_of(f.what).has_other;
      if (is_known(f.node) && (!has_other || (is_known(f.other) && f.other != f.node)))
        continue;
      std::string all;
      for (const auto& n : names)
        all += (all.empty() ? "" : ", ") + n;
      fail(invariants::plan_fits,
           "\"" + to_string(f) + "\" needs " + (has_other ? "two nodes" : "a node") + " of " + all);
      return false;
    }
    return true;
  }

  /// Lets time pass up to that moment of the run. False: the run is over before.
  bool go_until(duration moment) {
    auto end = options_.until ? std::min(moment, *options_.until) : moment;
    if (end > world_.elapsed() && !world_.run_until([&] { return is_over(); }, end - world_.elapsed()) && !is_over())
      world_.pass(time_point{} + end - world_.now());
    return !is_over();
  }

  bool settle() {
    const auto end = world_.elapsed() + plan_.settle;
    for (;;) {
      std::string why;
      if (scenario_.is_settled(cluster_, why))
        return !is_over();
      if (world_.elapsed() >= end) {
        fail(invariants::settles, (why.empty() ? "what should be is not" : why) + std::string{", "}
                                      + detail::duration_text(plan_.settle) + " after the last fault");
        return false;
      }
      if (!go_until(std::min(end, world_.elapsed() + settle_check_every)))
        return false;
    }
  }

  void stop_all() {
    for (const auto& name : cluster_.names())
      if (!is_over() && cluster_.is_up(name))
        try {
          cluster_.stop(name, stop_within);
        } catch (const simulation_error& e) {
          fail(invariants::all_gone, e.what());
        }
    (void)is_over();  // A checker may have been broken by the last stop.
  }

  /// A violation, or the moment at which to stop.
  bool is_over() {
    if (broken_)
      return true;
    if (const auto* v = cluster_.broken())
      fail(v->invariant, v->evidence);
    else if (world_.steps() > options_.steps_max)
      fail(invariants::comes_to_an_end, "still running after " + std::to_string(options_.steps_max) + " steps");
    return broken_.has_value() || (options_.until && world_.elapsed() >= *options_.until);
  }

  void fail(std::string invariant, std::string evidence) {
    if (broken_)
      return;
    broken_ = violation{std::move(invariant), std::move(evidence)};
    broken_at_ = world_.elapsed();
  }

  template <class F>
  void guarded(F&& f) {
    std::string what;
    try {
      f();
      return;
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
      what = "something that is no std::exception";
    }
    // Fixtures throw when a checker is broken, too; then that is what was broken.
    if (const auto* v = cluster_.broken())
      fail(v->invariant, v->evidence);
    else
      fail(invariants::no_exception, what);
  }

  run_result collect() {
    run_result r;
    r.hash = world_.trace_hash();
    r.steps = world_.steps();
    r.took = world_.elapsed();
    r.broken = broken_;
    r.broken_at = broken_at_;
    r.seen = injector_.seen();
    if (options_.is_recorded) {
      r.choices = world_.choices();
      r.anchored = injector_.anchored();
    }
    r.timeline = story_.take();
    return r;
  }

  scenario& scenario_;
  const plan& plan_;
  const run_options& options_;
  world world_;
  cluster cluster_;
  timeline story_;
  injector injector_;
  std::optional<violation> broken_;
  duration broken_at_{};
};

}  // namespace

run_result run_plan(scenario& s, const plan& p, const run_options& o) {
  try {
    return one_run{s, p, o}.run();
  } catch (const std::exception& e) {
    run_result r;  // No world was made.
    r.broken = violation{invariants::no_exception, e.what()};
    return r;
  }
}

}  // namespace beamline::testing
