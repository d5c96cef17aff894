#include "supervision/restart_window.hpp"

#include <algorithm>

namespace beamline::supervision {

bool restart_window::record(time_point now) {
  while (!restarts_.empty() && now - restarts_.front() > options_.period)
    restarts_.pop_front();
  restarts_.push_back(now);
  auto max = static_cast<std::size_t>(options_.restarts_max);
  if (restarts_.size() <= max)
    return true;
  while (restarts_.size() > max + 1)
    restarts_.pop_front();
  return false;
}

std::size_t restart_window::count(time_point now) const {
  auto first =
      std::find_if(restarts_.begin(), restarts_.end(), [&](time_point t) { return now - t <= options_.period; });
  return static_cast<std::size_t>(restarts_.end() - first);
}

void restart_window::use(options o) {
  options_ = o;
  while (restarts_.size() > static_cast<std::size_t>(options_.restarts_max) + 1)
    restarts_.pop_front();
}

}  // namespace beamline::supervision
