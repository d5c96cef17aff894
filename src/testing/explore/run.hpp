#pragma once

#include "testing/check/checker.hpp"
#include "testing/explore/scenario.hpp"
#include "testing/faults/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::testing {

/// One line of the story of a run.
struct timeline_entry {
  time_point at{};
  std::string node;  // Empty: the world.
  std::string who;   // A process, or empty.
  std::string text;

  friend bool operator==(const timeline_entry&, const timeline_entry&) = default;
};

struct run_result {
  std::uint64_t hash = 0;  // Equal hashes mean equal runs.
  std::uint64_t steps = 0;
  duration took{};  // Virtual.
  std::optional<violation> broken;
  duration broken_at{};  // Since the beginning of the run.
  std::map<std::string, std::uint64_t>
      seen;  // How often each event and each kind of fault occurred; only what was counted.
  // For shrinking, only when recorded:
  schedule_script choices;                  // That differ from FIFO.
  std::map<std::uint32_t, fault> anchored;  // By id: the same faults, tied to the last event before them.
  std::vector<timeline_entry> timeline;
};

struct run_options {
  std::vector<std::string> counted{};  // Events for `seen`; faults that strike are always counted.
  bool is_recorded = false;            // Fills what is for shrinking; the hash is the same with and without.
  bool has_timeline = false;
  std::optional<duration> until{};    // Stops there, for looking at the story so far.
  std::size_t timeline_max = 20'000;  // Older lines are dropped.
  // More steps than this are taken for an endless exchange that virtual time does not end: a violation of "comes to an
  // end".
  std::uint64_t steps_max = 5'000'000;
};

// Invariants of every run, besides those of its checkers.
namespace invariants {

inline constexpr const char* no_exception = "no exception";  // Neither scenario nor world throws.
inline constexpr const char* settles = "settles";            // `scenario::is_settled`, in time.
inline constexpr const char* all_gone =
    "all processes gone";  // Every node stops in order: within its time, without killing.
inline constexpr const char* comes_to_an_end = "comes to an end";       // See run_options::steps_max.
inline constexpr const char* same_run = "same seed, same run";          // See explorer::repeat_every.
inline constexpr const char* plan_fits = "the plan fits the scenario";  // Its faults name nodes that there are.

}  // namespace invariants

/// Runs one plan from the beginning to its end, or to the step of the first violation. Throws nothing: what the
/// scenario throws is a violation of "no exception".
///
///   start all nodes -> load and faults until the horizon -> `cluster::recover`, `scenario::stop_load` -> until settled
///   -> `checker::at_end` -> every node is told to stop, and must be empty in time
[[nodiscard]] run_result run_plan(scenario& s, const plan& p, const run_options& o = {});

using plan_runner = std::function<run_result(const plan&, const run_options&)>;

}  // namespace beamline::testing
