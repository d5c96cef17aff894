// PubSub and presence over the real links under the simulator's faults. More with --seeds; new ones every day with
// --fresh (scripts/test does).

#include "sim/presence/gathering.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace beamline;

TEST_CASE("PubSub and presence keep their promises under any schedule and any faults") {
  auto found = gathering::explore_gathering("PubSub and presence keep their promises")
                   .seeds(40)
                   .must_happen({"event_horizon.cluster.connection", "presence.replica", "presence.transfer",
                                 "presence.changed", "gathering.guest_changed", "gathering.posted",
                                 "gathering.post_heard", "gathering.subscriptions_changed"})
                   .run();
  CHECK(found.report.empty());
}

// Each has broken something once, in the program or in what judged it; the direct tests are named beside them.
TEST_CASE("seeds that were red once are green") {
  // checkers_test: "a lost link is a cause to leave when nothing is heard for the grace, ..."
  constexpr std::uint64_t freezes_twice = 20261122992237;
  // shard_core_test: "I25 a shard that is restarted while it meets a peer's new run goes on from the earlier one it
  // shows"
  constexpr std::uint64_t killed_while_meeting = 20261122700256;
  for (auto seed : {freezes_twice, killed_while_meeting})
    CHECK(gathering::explore_gathering("seeds that were red once").seeds(1, seed).repeat_every(0).run().report.empty());
}
