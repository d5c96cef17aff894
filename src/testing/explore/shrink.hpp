#pragma once

#include "testing/explore/run.hpp"

#include <cstddef>

namespace beamline::testing {

struct shrunk_plan {
  plan smallest;
  run_result outcome;    // Of `smallest`, recorded.
  std::size_t runs = 0;  // How many it took.
};

/// Finds a smaller plan that breaks the same invariant: fewer faults, tied to events instead of moments, a shorter
/// horizon, a calmer climate, a duller schedule (simulation note, section 11); with another seed, where that makes a
/// fault superfluous. At most `runs_max` runs, each recorded;
/// then the best so far. A plan that does not fail again is given back as it is, after one run.
[[nodiscard]] shrunk_plan shrink(const plan& failing, const run_result& outcome, const plan_runner& run,
                                 std::size_t runs_max = 600);

}  // namespace beamline::testing
