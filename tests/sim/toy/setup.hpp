#pragma once

#include "actors/environment.hpp"

#include <cstdint>
#include <string>

namespace beamline::toy {

/// Mistakes that can be made in this program; one at a time, to see that the simulator finds them.
enum class mistake : std::uint8_t {
  none,
  down_after_up,       // monitor: waits before it tells of a lost node, in case it comes back.
  count_late_answers,  // asker: an answer after the time-out is an outcome, too.
};

/// What the whole program of one run shares, on all its nodes. Owned by the scenario; reached by `env().get<setup>()`.
struct setup {
  mistake planted = mistake::none;
  bool is_load_on = true;  // The gate of the clients: a message to stop would be lost on a node that is down.
};

[[nodiscard]] inline bool has(const environment& env, mistake m) { return env.get<setup>().planted == m; }

}  // namespace beamline::toy
