#pragma once

// What the layer itself puts into mailboxes. `process::consume` handles these; handlers never see them.

#include "actors/pid.hpp"
#include "actors/reason.hpp"

#include <cstdint>
#include <functional>

namespace beamline {

/// A watched process has ended.
struct down_signal {
  std::uint64_t ref;
  reason why;
};

/// A timer of this process is due.
struct timer_signal {
  std::uint64_t ref;
};

/// Something that ran elsewhere (a store worker, a socket thread) is done; `run` belongs into this
/// process' own turn.
struct resume_signal {
  std::function<void()> run;
};

}  // namespace beamline
