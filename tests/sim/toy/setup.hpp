#pragma once

#include "actors/environment.hpp"

#include <cstdint>
#include <string>

namespace beamline::toy {

/// Mistakes that can be made in this program; one at a time, to see that the simulator finds them.
enum class mistake : std::uint8_t {
  none,
  accept_before_commit,  // outbox: says "accepted" when the row is asked for, not when it is durable.
  delete_before_ack,     // outbox: an entry goes when it is handed to a courier.
  delete_by_courier,     // courier: deletes the whole batch it carries when any acknowledgement comes.
  stay_syncing,          // drain: does not notice that its courier died.
  never_retry,           // drain: after a failure it waits for a trigger that may not come.
  ack_before_commit,     // accumulator: acknowledges what it has not stored yet.
  dedupe_outside,        // accumulator: effect and dedupe row in two transactions.
  down_after_up,         // monitor: waits before it tells of a lost node, in case it comes back.
  count_late_answers,    // asker: an answer after the time-out is an outcome, too.
};

/// What the whole program of one run shares, on all its nodes. Owned by the scenario; reached by `env().get<setup>()`.
struct setup {
  mistake planted = mistake::none;
  bool is_load_on = true;  // The gate of the clients: a message to stop would be lost on a node that is down.
};

[[nodiscard]] inline bool has(const environment& env, mistake m) { return env.get<setup>().planted == m; }

}  // namespace beamline::toy
