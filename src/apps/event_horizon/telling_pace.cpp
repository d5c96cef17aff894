#include "apps/event_horizon/telling_pace.hpp"

#include <algorithm>

namespace beamline::event_horizon {

std::optional<duration> telling_pace::changed(const std::string& key, time_point now) {
  auto& s = keys_[key];
  if (s.is_due)
    return std::nullopt;
  s.is_due = true;
  return std::max(s.next - now, duration::zero());
}

void telling_pace::told(const std::string& key, std::size_t views, time_point now) {
  const auto pause = views <= unpaced_views_max
                       ? duration::zero()
                       : std::min(telling_per_view * static_cast<std::int64_t>(views), telling_pause_max);
  keys_[key] = state{now + pause, false};
}

}  // namespace beamline::event_horizon
