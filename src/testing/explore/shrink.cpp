#include "testing/explore/shrink.hpp"

#include "base/random.hpp"

#include <chrono>
#include <utility>

namespace beamline::testing {

namespace {

// The end of the load right after the violation; some things are noticed a moment later.
constexpr duration horizon_margin = 1ms;

// Seeds that are tried for each fault that cannot simply be left out.
constexpr std::uint64_t other_draws = 8;

/// Leaves out runs of halving length as long as `still_fails`. Ends with a list of which no single element can go, or
/// when runs are used up.
template <class T, class F>
void leave_out(std::vector<T> all, F still_fails) {
  for (auto n = all.size(); n > 0; n /= 2)
    for (std::size_t i = 0; i + n <= all.size();) {
      auto fewer = all;
      auto first = fewer.begin() + static_cast<std::ptrdiff_t>(i);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(n));
      if (still_fails(fewer))
        all = std::move(fewer);
      else
        i += n;
    }
}

class shrinker {
public:
  shrinker(const plan& failing, const run_result& outcome, const plan_runner& run, std::size_t runs_max)
      : run_{run}, runs_max_{runs_max}, best_{failing, outcome, 0} {}

  shrunk_plan shrink() {
    // Recorded now, if it was not; and it has to fail at all when it is run again.
    if (!best_.outcome.broken || !attempt(best_.smallest))
      return std::move(best_);
    cut_horizon();
    leave_out_faults();
    tie_to_events();
    leave_out_faults();
    calm_down();
    simplify_schedule();
    leave_out_faults();
    draw_again();
    strike_at_once();
    cut_horizon();
    return std::move(best_);
  }

private:
  /// Keeps `p` if it breaks the same invariant.
  bool attempt(plan p) {
    if (best_.runs >= runs_max_)
      return false;
    ++best_.runs;
    auto r = run_(p, {.is_recorded = true});
    if (!r.broken || r.broken->invariant != best_.outcome.broken->invariant)
      return false;
    best_.smallest = std::move(p);
    best_.outcome = std::move(r);
    return true;
  }

  /// Tries the best plan with one thing changed. False also when that changes nothing.
  template <class F>
  bool try_change(F&& change) {
    auto p = best_.smallest;
    change(p);
    return p != best_.smallest && attempt(std::move(p));
  }

  void cut_horizon() {
    auto horizon = best_.smallest.horizon;
    auto after_break = std::chrono::ceil<std::chrono::milliseconds>(best_.outcome.broken_at + horizon_margin);
    for (duration h : {duration{after_break}, horizon / 2, horizon / 4, horizon / 8})
      if (h < best_.smallest.horizon)
        try_change([&](plan& p) { p.horizon = h; });
  }

  void leave_out_faults() {
    leave_out(best_.smallest.faults,
              [&](const std::vector<fault>& fewer) { return try_change([&](plan& p) { p.faults = fewer; }); });
  }

  /// So that leaving one out does not move the others relative to what they hit.
  void tie_to_events() {
    for (std::size_t i = 0; i < best_.smallest.faults.size(); ++i) {
      auto tied = best_.outcome.anchored.find(best_.smallest.faults[i].id);
      if (tied == best_.outcome.anchored.end())
        continue;
      auto f = tied->second;
      try_change([&](plan& p) { p.faults[i] = f; });
    }
  }

  /// The usual weather says most; else each of its parts on its own.
  void calm_down() {
    constexpr climate usual{};
    auto calm = [&](climate& w) {
      w.step_cost = usual.step_cost;
      w.latency = usual.latency;
      w.commit = usual.commit;
      w.hold_ppm = 0;
      w.hold_max = usual.hold_max;
      w.reset_ppm = 0;
      w.skew_max = {};
    };
    if (try_change([&](plan& p) { calm(p.weather); }))
      return;
    try_change([&](plan& p) { p.weather.hold_ppm = 0; });
    try_change([&](plan& p) { p.weather.reset_ppm = 0; });
    try_change([&](plan& p) { p.weather.skew_max = {}; });
    try_change([&](plan& p) { p.weather.latency = usual.latency; });
    try_change([&](plan& p) { p.weather.commit = usual.commit; });
    try_change([&](plan& p) { p.weather.step_cost = usual.step_cost; });
  }

  /// Does it need a special order at all? If so: as few choices that differ from FIFO as will do.
  void simplify_schedule() {
    constexpr climate usual{};
    auto be_dull = [&](plan& p) {
      p.weather.choice = schedule::fifo;
      p.weather.pct_depth = usual.pct_depth;
      p.weather.pct_steps = usual.pct_steps;
    };
    auto is_fifo = [](const plan& p) { return p.script ? p.script->empty() : p.weather.choice == schedule::fifo; };
    if (is_fifo(best_.smallest) || try_change([&](plan& p) {
          be_dull(p);
          p.script.reset();
        }))
      return;
    auto made = best_.outcome.choices;
    if (!best_.smallest.script && !try_change([&](plan& p) {
          be_dull(p);
          p.script = made;
        }))
      return;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> choices{best_.smallest.script->begin(),
                                                                 best_.smallest.script->end()};
    leave_out(std::move(choices), [&](const auto& fewer) {
      return try_change([&](plan& p) { p.script = schedule_script{fewer.begin(), fewer.end()}; });
    });
  }

  /// A fault may seem needed only because without it all later draws of a stream are others, and two things that have
  /// to fall together no longer do. Then the same plan with other draws fails without it.
  void draw_again() {
    for (std::size_t i = 0; best_.smallest.faults.size() > 1 && i < best_.smallest.faults.size();) {
      auto seed = best_.smallest.seed;
      auto is_gone = false;
      for (std::uint64_t n = 1; n <= other_draws && !is_gone; ++n)
        is_gone = try_change([&](plan& p) {
          p.faults.erase(p.faults.begin() + static_cast<std::ptrdiff_t>(i));
          p.seed = mix64(seed + n);
          if (p.script.has_value() && !p.script->empty()) {  // It says nothing about another seed's steps.
            p.script.reset();
            p.weather.choice = schedule::uniform;
          }
        });
      if (!is_gone) {
        ++i;
        continue;
      }
      i = 0;
      leave_out_faults();
      simplify_schedule();
    }
  }

  /// Rounder words for people: without a delay, or with one in whole microseconds.
  void strike_at_once() {
    for (std::size_t i = 0; i < best_.smallest.faults.size(); ++i) {
      auto delay = best_.smallest.faults[i].delay;
      if (delay != duration{} && !try_change([&](plan& p) { p.faults[i].delay = {}; }))
        try_change([&](plan& p) { p.faults[i].delay = std::chrono::floor<std::chrono::microseconds>(delay); });
    }
  }

  const plan_runner& run_;
  std::size_t runs_max_;
  shrunk_plan best_;
};

}  // namespace

shrunk_plan shrink(const plan& failing, const run_result& outcome, const plan_runner& run, std::size_t runs_max) {
  return shrinker{failing, outcome, run, runs_max}.shrink();
}

}  // namespace beamline::testing
