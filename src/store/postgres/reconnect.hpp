#pragma once

#include "base/time.hpp"

#include <cstdint>

namespace beamline::store::postgres {

// The pause after the first failed attempt to connect; it doubles up to the longest.
inline constexpr duration reconnect_pause_min = 100ms;
inline constexpr duration reconnect_pause_max = 5s;

/// When to try to connect again. Not thread-safe; one for each connection.
///
/// A connection that was lost is tried again at once, then after pauses that double, each drawn from its upper half so
/// that the nodes of a cluster do not come back in step. Never gives up: the server's return is all that is waited for.
class reconnect_plan {
public:
  /// `seed` sets the draws apart from those of other connections.
  explicit reconnect_plan(std::uint64_t seed) : seed_{seed} {}

  [[nodiscard]] bool is_due(time_point now) const { return now >= next_; }
  [[nodiscard]] duration time_left(time_point now) const { return is_due(now) ? duration{} : next_ - now; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  void on_failed(time_point now);
  void on_connected();

private:
  std::uint64_t seed_;
  std::uint64_t failures_ = 0;  // In a row.
  time_point next_{};
};

}  // namespace beamline::store::postgres
