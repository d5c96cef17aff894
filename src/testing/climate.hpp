#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <string>

namespace beamline::testing {

/// How the next process is chosen among those that are ready (simulation note, section 10).
enum class schedule : std::uint8_t {
  fifo,     // In the order they became ready: the dullest schedule there is.
  uniform,  // Any of them, evenly.
  pct,      // The one with the highest random priority; a few times in a run the winner is demoted. Finds starvation.
};

/// Both ends included.
struct span {
  duration min{};
  duration max{};

  friend bool operator==(const span&, const span&) = default;
};

/// The weather of one run: how fast things go and how often small mishaps happen, as opposed to the faults of a plan.
/// Chances are in millionths.
struct climate {
  schedule choice = schedule::uniform;
  std::uint32_t pct_depth = 3;      // The winner is demoted `pct_depth - 1` times ...
  std::uint32_t pct_steps = 4000;   // ... within this many first steps.
  span step_cost{1us, 20us};        // Virtual time that one step of a process takes.
  span latency{200us, 3ms};         // One way, between two machines.
  span commit{100us, 5ms};          // A transaction group, from its start until it is durable.
  std::uint32_t hold_ppm = 50'000;  // Per send: its handler is suspended there ...
  duration hold_max = 100us;        // ... for at most this long.
  std::uint32_t reset_ppm = 0;      // Per piece of octets on the way: its connection is reset.
  duration skew_max = 0ns;          // Wall clocks differ from each other by up to twice this.

  friend bool operator==(const climate&, const climate&) = default;
};

}  // namespace beamline::testing
