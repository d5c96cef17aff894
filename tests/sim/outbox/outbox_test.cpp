#include "sim/outbox/outbox.hpp"

#include <doctest/doctest.h>

using namespace beamline;

// More with --seeds; new ones every day with --fresh (scripts/test does), many of them with scripts/test --full seeds.
TEST_CASE("I37 I38 I39 I40 I41 I42 outboxes and the accumulator keep every promise under any schedule and any faults") {
  auto done =
      sim_outbox::explore_outbox(
          "I37 I38 I39 I40 I41 I42 outboxes and the accumulator keep every promise under any schedule and any faults")
          .seeds(100)
          .must_happen({"sim.promised", "sim.refused", "sim.struck", "outbox.accepted", "outbox.batch",
                        "outbox.settled", "store.commit", "accumulator.applied", "event_horizon.stats",
                        "event_horizon.cluster.buffer", "power_loss", "kill", "partition", "disk_full", "disk_error"})
          .run();
  CHECK(done.report.empty());
}
