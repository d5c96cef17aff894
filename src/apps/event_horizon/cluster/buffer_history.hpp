#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace beamline::event_horizon {

/// How many events waited over the last ten minutes: the most within each step of five seconds, and no more steps than
/// that, whatever the rate of samples. Pure; belongs to one process; time is passed in and never goes back.
class buffer_history {
public:
  static constexpr duration step = 5s;
  static constexpr std::size_t points_max = 120;
  static constexpr duration span = step * static_cast<std::int64_t>(points_max);

  void record(time_point now, std::uint64_t waiting);

  /// Oldest first, at most `points_max`. Steps without a sample have the value of the one before: nothing was heard of
  /// a change.
  [[nodiscard]] const std::vector<std::uint64_t>& points() const noexcept { return points_; }

private:
  std::vector<std::uint64_t> points_;
  std::optional<std::int64_t> newest_;  // The number of the last point's step.
};

}  // namespace beamline::event_horizon
