#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <cstdint>

namespace beamline::event_horizon {

/// How long a view waits before it asks a process of its node again that was away: 500 ms at first, then doubled up to
/// 30 s. Jitter takes off up to half: many views lose a process at one moment and shall not all come back at one. Pure;
/// belongs to one view.
class retry_pause {
public:
  static constexpr duration first = std::chrono::milliseconds{500};
  static constexpr duration longest = std::chrono::seconds{30};

  [[nodiscard]] duration next(random_source& by) {
    const auto jitter = by.below(static_cast<std::uint64_t>(pause_.count()) / 2);
    const auto out = pause_ - duration{static_cast<std::int64_t>(jitter)};
    pause_ = std::min(pause_ * 2, longest);
    return out;
  }
  /// It has answered.
  void reset() { pause_ = first; }

private:
  duration pause_ = first;
};

}  // namespace beamline::event_horizon
