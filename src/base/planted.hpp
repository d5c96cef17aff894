#pragma once

#include <cstdint>

#ifdef BEAMLINE_PLANTED_BUGS
#include <atomic>
#endif

/// Bugs planted on purpose, so that we know that the simulator would find them (tests/sim). Each is one line at the
/// place where the mistake would be made:
///
///   if (!planted::is_on(planted::bug::lost_retry))
///     schedule_retry(s);
///
/// Sources that do so are named with `beamline_planted(...)` in their CMakeLists.txt: with the tests a test decides;
/// without them `is_on` is the constant false and nothing of this is in the program.
namespace beamline::planted {

enum class bug : std::uint8_t {
  none,
  lost_retry,          // Supervisor: a restart that failed is not tried again.
  timer_after_cancel,  // Process: what was cancelled when it was due already is run all the same.
  late_reply_taken,    // Process: an answer that comes too late is taken for that to another call.
  unsynced_commit,     // SQLite: a commit does not wait for the disk.
  stale_run_welcome,   // Links: an earlier run of a node is let in.
  down_after_up,       // Links: node_down is told late, after the node_up of the reconnect.
  up_after_message,    // Links: what a peer sends at once is passed on before its node_up.
  down_before_rest,    // Links: node_down is told before the ends of calls and watches.
  lost_call_kept,      // Remote calls: those to a node that is gone wait for their time.
  down_twice,          // Remote watches: the loss of the link is told to who was told of the end already.
  unproven_welcome,    // Handshake: the proof is not looked at.
  value_again,         // PubSub: a last value that is known already is told once more, as after a reconnect.
  unsubscribed_told,   // PubSub: who ends a subscription is told of the topic until somebody else comes.
  any_worker,          // PubSub: what a peer sends goes to any worker, not to that of its sender.
  stale_news_taken,    // Presence: what a third node still has of an earlier run is asked for, and taken.
  zombies_kept,        // Presence: entries of the run before stay when a replica comes back in another one.
  grace_ignored,       // Presence: entries of a node are hidden the moment its link is down.
  hole_not_asked,      // Presence: what a beat that was lost told is never asked for.
  hidden_told,         // Presence: changes of a replica that is hidden are told, and again when it is shown.
  accepted_unsaved,    // Outbox: an event is reported kept before its row is durable.
  row_gone_early,      // Outbox: the row of an event goes when it is sent, not when it was answered for.
  batch_gone,          // Outbox: any answer to a batch takes all of it out of the queue.
  drain_stuck,         // Outbox: a batch that failed is taken to be under way for ever.
  never_again,         // Outbox: no timer for another attempt.
  queue_overtaken,     // Outbox: the direct way is taken although something of that key waits.
  answered_early,      // Accumulator: told and answered before the commit is durable.
  seen_apart,          // Accumulator: the id of an event and its effect are two transactions.
  older_shown,         // Blog host: numbers replace newer ones.
};

#ifdef BEAMLINE_PLANTED_BUGS

// Another name than without bugs: a source that was forgotten in CMakeLists.txt must not decide for the others.
inline namespace switched {

// The only mutable global of these sources. Changed between campaigns only, so their threads agree.
inline std::atomic<bug> the_bug{bug::none};

[[nodiscard]] inline bool is_on(bug b) noexcept { return the_bug.load(std::memory_order_relaxed) == b; }

/// Plants one for as long as it lives; not two at a time, and while no world runs.
class scope {
public:
  explicit scope(bug b) noexcept { the_bug = b; }
  ~scope() { the_bug = bug::none; }
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
};

}  // namespace switched

#else

[[nodiscard]] constexpr bool is_on(bug) noexcept { return false; }

#endif

}  // namespace beamline::planted
