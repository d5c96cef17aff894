// Each planted bug is found, within seeds that a developer waits for, and shrunk to the few faults it needs. found.md
// says in how many seeds.

#include "sim/planted_bugs.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace beamline;

namespace {

constexpr std::uint64_t seeds_max = 2000;
constexpr std::size_t faults_max = 3;

/// Shorter and duller than the campaigns of found.md, so that the tests take seconds: these bugs need faults, and no
/// special order of steps.
void shorten(testing::plan& p) { p.weather.choice = testing::schedule::fifo; }

/// From the seed `first` on, which is one from which on the bug is found soon, with the horizon of its scene.
void check_found(std::string_view name, std::uint64_t first = 1,
                 const std::function<void(testing::explorer&)>& horizon = {}) {
  const auto& bug = planted_bug_called(name);
  with_planted(bug, [&](testing::explorer e) {
    if (horizon)
      horizon(e);
    auto found = e.seeds(seeds_max, first).tune(shorten).repeat_every(0).expect_violation(std::string{bug.invariant});
    CAPTURE(found.report);
    REQUIRE(found.smallest);
    CHECK(found.smallest->faults.size() <= faults_max);
  });
}

void check_found_in_toy(std::string_view name, duration load = 1s) {
  check_found(name, 1, [load](testing::explorer& e) { e.horizon(load, 1500ms); });
}

/// Real links take longer to come back than the toy's.
void check_found_in_links(std::string_view name, std::uint64_t first = 1) {
  check_found(name, first, [](testing::explorer& e) { e.horizon(600ms, 4s); });
}

void check_found_in_outbox(std::string_view name) {
  check_found(name, 1, [](testing::explorer& e) { e.horizon(1s, 5s); });
}

}  // namespace

TEST_CASE("a timer that fires after its cancellation is found") { check_found_in_toy("timer_after_cancel", 2s); }
TEST_CASE("a late reply that is given to another call is found") { check_found_in_toy("late_reply_taken", 2s); }
TEST_CASE("a supervisor that loses a retry is found") { check_found("lost_retry"); }
TEST_CASE("an earlier run of a node that is let in is found") { check_found_in_links("stale_run_welcome"); }
TEST_CASE("a node_down after the node_up of the reconnect is found") { check_found_in_links("down_after_up"); }
TEST_CASE("a message before the node_up of its sender is found") { check_found_in_links("up_after_message", 20); }
TEST_CASE("a node_down before the ends that come with it is found") { check_found_in_links("down_before_rest"); }
TEST_CASE("a handshake that looks at no proof is found") { check_found_in_links("unproven_welcome"); }
TEST_CASE("a call that is kept after the loss of its node is found") { check_found_in_links("lost_call_kept"); }
TEST_CASE("a watch that fires twice is found") { check_found_in_links("down_twice"); }
TEST_CASE("a last value that is told again is found") { check_found("value_again"); }
TEST_CASE("a subscription that does not end is found") { check_found("unsubscribed_told"); }
TEST_CASE("posts that lose their order on the way to any worker are found") { check_found("any_worker"); }
TEST_CASE("a stale incarnation that is accepted is found") { check_found("stale_news_taken"); }
TEST_CASE("a presence zombie after a restart is found") { check_found("zombies_kept"); }
TEST_CASE("a grace that is not kept is found") { check_found("grace_ignored"); }
TEST_CASE("a hole that nobody asks for is found") { check_found("hole_not_asked"); }
TEST_CASE("a change of a hidden replica that is told is found") { check_found("hidden_told"); }
TEST_CASE("an unsynced file that is trusted after a loss of power is found") {
  check_found_in_outbox("unsynced_commit");
}
TEST_CASE("an event that is accepted before it is durable is found") { check_found_in_outbox("accepted_unsaved"); }
TEST_CASE("an entry that is removed before its acknowledgement is found") { check_found_in_outbox("row_gone_early"); }
TEST_CASE("a batch that goes with any answer is found") { check_found_in_outbox("batch_gone"); }
TEST_CASE("a drain that stays syncing after a failure is found") { check_found_in_outbox("drain_stuck"); }
TEST_CASE("a drain that does not retry is found") { check_found_in_outbox("never_again"); }
TEST_CASE("an event that overtakes those that wait is found") { check_found_in_outbox("queue_overtaken"); }
TEST_CASE("an acknowledgement before the commit is found") { check_found_in_outbox("answered_early"); }
TEST_CASE("a dedupe row outside the transaction is found") { check_found_in_outbox("seen_apart"); }
TEST_CASE("older numbers that replace newer ones are found") { check_found_in_outbox("older_shown"); }
