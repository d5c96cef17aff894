#pragma once

#include "base/random.hpp"
#include "supervision/supervisor_spec.hpp"

namespace beamline::supervision {

/// How long the n-th restart in a row waits, n from 1 on: `first * 2^(n-1)`, at most `max`, varied by +-`jitter` so
/// that children that fell together do not rise together. Zero when back-off is off.
[[nodiscard]] duration backoff_delay(const backoff& b, std::uint32_t nth, random_source& random);

}  // namespace beamline::supervision
