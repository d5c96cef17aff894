#pragma once

// Runs a scenario under many seeds, and turns the first failure into something a person can read and repeat.
//
//   TEST_CASE("accepted items are applied exactly once under any faults") {
//     explore("exactly-once", [] { return std::make_unique<my_scenario>(); })
//         .seeds(300)
//         .kill({"outbox", "accumulator"})
//         .strike_at({"outbox.accepted", "store.commit"})
//         .must_happen({"node_up", "outbox.drained", "power_loss"})
//         .run();
//   }

#include "testing/explore/run.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing {

/// What a campaign found.
struct exploration {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  duration virtual_time{};
  std::uint64_t hash = 0;                       // Of all runs together; the same for any number of jobs.
  std::map<std::string, std::uint64_t> seen;    // Events and kinds of faults that struck, over all runs.
  std::map<std::string, std::uint64_t> broken;  // Invariants: in how many runs.
  std::vector<std::uint64_t> failing;           // Seeds, in order; more than one only with `keep_going` and `survey`.
  std::string report;                           // Of the first failure; empty: none.
  std::optional<plan> smallest;                 // Of the first failure.
  std::string invariant;                        // Of the first failure.
};

/// A campaign: what `explorer` describes.
struct campaign {
  std::string name;
  scenario_factory make;
  std::uint64_t count = 100;
  std::uint64_t first = 1;
  std::uint64_t repeat_every = 16;
  unsigned jobs = 1;
  duration horizon = 2s;
  duration settle = 3s;
  fault_menu menu;  // The nodes are those of the scenario.
  std::function<void(plan&)> tune;
  std::vector<std::string> must_happen;
  bool is_keeping_on = false;

  /// The plan of that seed.
  [[nodiscard]] plan plan_of(std::uint64_t seed) const;
};

/// A campaign, described step by step, then run. The command line of the test binary (command_line.hpp) overrules:
/// `--seed`, `--seeds`, `--plan`, `--until`, `--lines`, `--jobs`, `--fresh`.
class explorer {
public:
  explorer(std::string name, scenario_factory make);

  explorer& seeds(std::uint64_t count, std::uint64_t first = 1);
  explorer& horizon(duration load, duration settle);
  /// Which processes `kill` faults strike, by name or label. None: no such faults.
  explorer& kill(std::vector<std::string> names);
  /// Events that half of the faults strike at; they are counted in `exploration::seen`.
  explorer& strike_at(std::vector<std::string> events);
  explorer& faults(std::vector<fault_kind> kinds);
  explorer& faults_max(std::uint32_t of_each_kind);
  /// A last change to each plan; on several threads at once with `jobs`.
  explorer& tune(std::function<void(plan&)> change);
  /// Events, or kinds of faults by their names, that must occur at least once over all seeds, or the campaign fails: a
  /// knob that went dead. Not judged when the command line asks for fewer seeds.
  explorer& must_happen(std::vector<std::string> events);
  /// Every nth seed is run twice, the second time with the heap's free lists shuffled; the hashes must be equal. 16
  /// by default; 0: never.
  explorer& repeat_every(std::uint64_t n);
  /// Runs on that many threads, each with worlds of its own; what is found does not depend on it. 1 by default.
  explorer& jobs(unsigned threads);
  /// Counts all failing seeds instead of ending with the first.
  explorer& keep_going();

  /// Runs and fails (throws simulation_error with the report) at the first broken invariant.
  exploration run();
  /// Runs, and fails unless that invariant is broken within the seeds: the checker has teeth, the bug is found. Other
  /// invariants may be broken on the way; `failing`, `report` and `smallest` are about this one.
  exploration expect_violation(const std::string& invariant);
  /// Runs all seeds without judging, shrinking or reporting.
  exploration survey();
  /// Runs this plan once, and fails as `run` does: a shrunk plan kept as a regression test. Nothing is shrunk.
  exploration replay(const std::string& plan_text);

private:
  campaign campaign_;
};

[[nodiscard]] inline explorer explore(std::string name, scenario_factory make) {
  return {std::move(name), std::move(make)};
}

}  // namespace beamline::testing
