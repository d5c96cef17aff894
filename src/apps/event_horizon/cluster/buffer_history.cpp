#include "apps/event_horizon/cluster/buffer_history.hpp"

#include <algorithm>

namespace beamline::event_horizon {

void buffer_history::record(time_point now, std::uint64_t waiting) {
  const auto number = now.time_since_epoch() / step;
  if (newest_ && number <= *newest_) {
    points_.back() = std::max(points_.back(), waiting);
    return;
  }
  if (newest_) {
    const auto missed = std::min<std::int64_t>(number - *newest_ - 1, points_max);
    points_.insert(points_.end(), static_cast<std::size_t>(missed), points_.back());
  }
  points_.push_back(waiting);
  if (points_.size() > points_max)
    points_.erase(points_.begin(), points_.end() - static_cast<std::ptrdiff_t>(points_max));
  newest_ = number;
}

}  // namespace beamline::event_horizon
