#include "sim/real/house.hpp"

#include <doctest/doctest.h>

using namespace beamline;

// More with --seeds; new ones every day with --fresh (scripts/test does).
TEST_CASE("supervision keeps its rules under any schedule and any faults") {
  auto done = house::explore_house("supervision keeps its rules under any schedule and any faults")
                  .seeds(100)
                  .must_happen({"kill", "crash", "pause", "supervision.report", "process.call_done"})
                  .run();
  CHECK(done.report.empty());
}
