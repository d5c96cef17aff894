#pragma once

#include "base/time.hpp"

#include <deque>

namespace beamline::supervision {

/// Counts restarts in a sliding window and says when a supervisor must give up (S55).
///
/// A restart counts as long as `age <= period`, on the clock's own nanoseconds. OTP counts whole seconds, so there two
/// restarts up to just below `period + 1` s apart may still meet (S56); here they never do.
///
/// Owned by one supervisor; not thread-safe. Time is passed in. Memory is bounded by `restarts_max + 1` entries.
class restart_window {
public:
  struct options {
    int restarts_max;  // More than this many restarts ...
    duration period;   // ... within this period ends the supervisor.
  };

  explicit restart_window(options o) : options_{o} {}

  /// Records a restart at `now`. Returns false if it was one too many; the supervisor then stops its children and ends
  /// with `shutdown`.
  [[nodiscard]] bool record(time_point now);

  /// How many restarts count at `now`.
  [[nodiscard]] std::size_t count(time_point now) const;

  /// Other limits from now on; restarts that were recorded stay so, as far as the new limits keep them.
  void use(options o);

private:
  options options_;
  std::deque<time_point> restarts_;  // Oldest first.
};

}  // namespace beamline::supervision
