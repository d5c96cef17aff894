#pragma once

#include "testing/climate.hpp"
#include "testing/faults/fault.hpp"
#include "testing/schedule/chooser.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// Everything that decides a run of a scenario. The same plan gives the same run.
struct plan {
  std::uint64_t seed = 1;
  climate weather;
  duration horizon = 2s;  // Load and faults end here; then everything is healed and started again ...
  duration settle = 3s;   // ... and has this long to reach its goal.
  std::vector<fault> faults;
  std::optional<schedule_script> script;  // Replaces `weather.choice`.

  friend bool operator==(const plan&, const plan&) = default;
};

// Nobody wrote a longer one, and no run survives it: `parse_plan` refuses it.
inline constexpr std::size_t plan_faults_max = 10'000;

/// Several lines that a person reads and edits, and `parse_plan` reads; `#` begins a comment:
///
///   seed 4711
///   horizon 2s settle 3s
///   schedule pct depth 3 of 4000
///   step 1us..20us latency 200us..3ms commit 100us..5ms
///   suspend 50000ppm up to 100us, reset 0ppm, skew 0s
///   script 17:2 49:1                                     # script fifo: no choice differs from FIFO
///   fault power_loss a@sim at 120ms for 600ms
[[nodiscard]] std::string to_string(const plan& p);
/// The lines from `schedule` to `skew`.
[[nodiscard]] std::string climate_text(const climate& w);
/// What no line mentions keeps its default; the faults are numbered in their order. Errors: `invalid`; the message
/// begins with `line:column:` and says what was found and what was expected.
[[nodiscard]] result<plan> parse_plan(std::string_view text);

/// What `generate_plan` may choose from.
struct fault_menu {
  std::vector<std::string> nodes;
  std::vector<std::string> killable;  // Names or labels of processes.
  std::vector<std::string> triggers;  // Names of telemetry events worth striking at.
  std::vector<fault_kind> kinds;      // Empty: all of them.
  std::uint32_t faults_max = 4;       // Of each kind, in one plan.
};

/// A plan drawn from the seed. Swarm: every plan has its own climate, and each kind of fault is fully off in half of
/// them. Half of the faults strike right after an event of `triggers` (simulation note, section 10). Kinds that the
/// menu cannot serve are left out: `kill` without `killable`, faults of the network with fewer than two nodes. What is
/// drawn for one kind does not depend on the others.
[[nodiscard]] plan generate_plan(std::uint64_t seed, const fault_menu& menu, duration horizon = 2s,
                                 duration settle = 3s);

}  // namespace beamline::testing
