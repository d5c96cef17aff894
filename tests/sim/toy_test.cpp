#include "sim/toy/toy.hpp"

#include <doctest/doctest.h>

using namespace beamline;

// More with --seeds; new ones every day with --fresh (scripts/test does).
TEST_CASE("the toy keeps its invariants under any schedule and any faults") {
  auto done = toy::explore_toy("the toy keeps its invariants under any schedule and any faults")
                  .seeds(60)
                  .must_happen({"toy.up", "toy.down", "toy.post", "toy.presence", "toy.asked", "toy.outcome"})
                  .run();
  CHECK(done.report.empty());
}
