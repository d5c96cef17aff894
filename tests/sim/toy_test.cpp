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

// 2026112302224: dials that ran out of time made the addresses of both nodes wait, again and again, long after the way
// had healed. 2026112300344: so did two that crossed, when a dial no longer waited for what is only claimed.
TEST_CASE("the toy's nodes meet again after seeds 2026112302224 and 2026112300344") {
  for (std::uint64_t seed : {2026112302224ULL, 2026112300344ULL}) {
    auto done = toy::explore_toy("the toy's nodes meet again after seeds*").seeds(1, seed).run();
    CHECK(done.report.empty());
  }
}
