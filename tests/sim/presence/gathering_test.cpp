// PubSub and presence over the real links under the simulator's faults. More with --seeds; new ones every day with
// --fresh (scripts/test does).

#include "sim/presence/gathering.hpp"

#include <doctest/doctest.h>

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
