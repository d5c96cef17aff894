#include "base/planted.hpp"
#include "sim/real/house.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

explorer explore_house(std::string name) {
  return explore(std::move(name), house::make_house)
      .horizon(150ms, 2s)
      .kill({"one", "one.a", "all", "all.b", "rest.a", "rest.b", "rest", "moody.a", "patient.a", "pool", "tasks",
             "names", "client.1", "top"})
      .faults({fault_kind::kill, fault_kind::crash, fault_kind::power_loss, fault_kind::pause, fault_kind::clock_step})
      .strike_at({"supervision.report", "process.ended", "process.call_done"});
}

}  // namespace

// More with --seeds; new ones every day with --fresh (scripts/test does).
TEST_CASE("supervision keeps its rules under any schedule and any faults") {
  auto done = explore_house("supervision keeps its rules under any schedule and any faults")
                  .seeds(100)
                  .must_happen({"kill", "crash", "pause", "supervision.report", "process.call_done"})
                  .run();
  CHECK(done.report.empty());
}

TEST_CASE("a supervisor that forgets to try a restart again is found") {
  auto on = planted::scope{planted::bug::lost_retry};
  auto found =
      explore_house("a supervisor that forgets to try a restart again is found").seeds(200).expect_violation("settles");
  CHECK(found.smallest->faults.size() <= 3);
}
