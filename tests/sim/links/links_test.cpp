// The real links under the simulator's faults. More with --seeds; new ones every day with --fresh (scripts/test does).

#include "sim/links/links.hpp"

#include <doctest/doctest.h>

using namespace beamline;

TEST_CASE("links, remote processes, rpc and groups keep their promises under any schedule and any faults") {
  auto done = linked::explore_links("links, remote processes, rpc and groups keep their promises")
                  .seeds(60)
                  .must_happen({"event_horizon.cluster.connection", "net.connect_failed", "linked.watch_begun",
                                "linked.asked", "linked.served", "linked.heard", "linked.group_followed"})
                  .run();
  CHECK(done.report.empty());
}
