#include "sim/outbox/outbox.hpp"

#include <doctest/doctest.h>

using namespace beamline;

// More with --seeds; new ones every day with --fresh (scripts/test does).
TEST_CASE("I37 I38 I39 I40 I41 two outboxes and their target keep every promise under any schedule and any faults") {
  auto done =
      sim_outbox::explore_outbox(
          "I37 I38 I39 I40 I41 two outboxes and their target keep every promise under any schedule and any faults")
          .seeds(100)
          .must_happen({"sim.promised", "sim.applied", "outbox.accepted", "outbox.batch", "outbox.settled",
                        "store.commit", "event_horizon.cluster.buffer", "power_loss", "kill", "partition"})
          .run();
  CHECK(done.report.empty());
}
