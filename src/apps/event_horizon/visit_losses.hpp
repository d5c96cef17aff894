#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace beamline {
class environment;
}

namespace beamline::event_horizon {

// The log has one line about lost visits in so long, however many there are.
inline constexpr duration visit_losses_interval = std::chrono::minutes{1};

/// Visits that are not counted: nobody waits for the outcome of one, so this is where it is told. Each is an event
/// (`visit_lost`); the log has the first one and then how many there were, once a minute while there are more.
/// Thread-safe.
class visit_losses {
public:
  /// `of`: the slug or the page; `why`: as in `visit_lost`.
  void add(const environment& env, std::string_view of, std::string_view why);

private:
  std::mutex mutex_;
  std::uint64_t untold_ = 0;
  std::optional<time_point> told_;
};

}  // namespace beamline::event_horizon
