#pragma once

#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <functional>

namespace beamline {

/// One armed timer of a `timers` port; a value, valid until it fired or was cancelled.
struct timer_id {
  time_point at{};
  std::uint64_t sequence = 0;  // Starts at 1; 0 is no timer.

  friend auto operator<=>(const timer_id&, const timer_id&) = default;
};

/// Runs functions at points in time. Thread-safe. Functions are called one at a time, in order of
/// their time and then of arming; they must be short and must not block (they usually cast one message).
/// Production has one thread for it, the simulator fires them in virtual time.
class timers {
public:
  virtual ~timers() = default;

  /// Calls `fire` at `at`, or as soon as possible when that has passed.
  virtual timer_id arm(time_point at, std::function<void()> fire) = 0;

  /// Forgets a timer. One that fires at this very moment may still be running when this returns;
  /// `process` hides that window from its handlers.
  virtual void cancel(timer_id id) = 0;

  /// Returns when no function is running that was due before: what cancelled functions refer to may go then.
  /// Not to be called by such a function. One thread that does everything has nothing to wait for.
  virtual void settle() {}
};

}  // namespace beamline
