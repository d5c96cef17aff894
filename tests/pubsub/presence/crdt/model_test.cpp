// The CRDT in a small cluster under random faults: ten thousand histories, and more with `--fresh FIRST:COUNT`.

#include "pubsub/presence/crdt/model/cluster_model.hpp"
#include "testing/explore/command_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace beamline;
using namespace beamline::presence::test;

namespace {

constexpr std::uint64_t histories = 10'000;
// A planted mistake must be found within so many.
constexpr std::uint64_t histories_to_find = 1'000;

void run_histories(std::uint64_t first, std::uint64_t count, cluster_model::counts& sum) {
  for (auto seed = first; seed < first + count; ++seed) {
    cluster_model model{seed, {}};
    try {
      model.run();
    } catch (const violation& v) {
      FAIL("history " << seed << ": " << std::string{v.what()});
    }
    const auto& seen = model.seen();
    sum.merges += seen.merges;
    sum.transfers += seen.transfers;
    sum.whole_transfers += seen.whole_transfers;
    sum.waits += seen.waits;
    sum.restarts += seen.restarts;
    sum.removed += seen.removed;
  }
}

/// Whether a planted mistake leads to that violation. It may lead to others on the way.
bool finds(mistake bug, std::string_view which) {
  for (std::uint64_t seed = 1; seed <= histories_to_find; ++seed)
    try {
      cluster_model{seed, {.bug = bug}}.run();
    } catch (const violation& v) {
      if (v.name == which)
        return true;
    }
  return false;
}

}  // namespace

TEST_CASE("SY25 in random histories of joins, updates, leaves, splits, crashes and restarts I22 to I32 and I44 hold") {
  cluster_model::counts sum;
  run_histories(1, histories, sum);
  // The histories are about something.
  CHECK(sum.merges > 4 * histories);
  CHECK(sum.transfers > histories / 10);
  CHECK(sum.whole_transfers > histories / 4);
  CHECK(sum.waits > histories / 4);
  CHECK(sum.restarts > histories / 10);
  CHECK(sum.removed > histories / 2);
}

TEST_CASE("SY25 the same holds in histories that no day has had before") {
  const auto& line = testing::the_command_line();
  cluster_model::counts sum;
  // A fresh seed of the simulator is a hundred of these: they are short.
  run_histories(1'000'000 + line.fresh_first * 100, line.fresh_count * 100, sum);
  CHECK((line.fresh_count == 0 || sum.merges > 0));
}

TEST_CASE("each mistake in the rules around the state is found by the model") {
  CHECK(finds(mistake::forgets_removals, "I27 prefix"));
  CHECK(finds(mistake::ignores_gaps, "I27 prefix"));
  CHECK(finds(mistake::hides_a_diff, "I25 fold"));
  CHECK(finds(mistake::leaves_by_itself, "I23 own listed"));
  CHECK(finds(mistake::reuses_versions, "I28 clocks"));
  CHECK(finds(mistake::removes_own, "I26 own removed"));
  CHECK(finds(mistake::tells_old_refs, "I31 order"));
  CHECK(finds(mistake::believes_old_runs, "I29 stale"));
  CHECK(finds(mistake::keeps_old_runs, "I24 ghosts"));
  CHECK(finds(mistake::believes_everybody, "I24 ghosts"));
  CHECK(finds(mistake::never_forgets, "I32 memory"));
  CHECK(finds(mistake::never_transfers, "I22 converged"));
  CHECK(finds(mistake::asks_for_the_unknown, "I44 transfers"));
}
