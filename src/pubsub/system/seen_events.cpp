#include "pubsub/system/seen_events.hpp"

namespace beamline::pubsub {

bool seen_events::is_first(const std::string& event_id) {
  std::lock_guard lock{mutex_};
  if (!ids_.insert(event_id).second)
    return false;
  oldest_first_.push_back(event_id);
  if (oldest_first_.size() > ids_max) {
    ids_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return true;
}

void seen_events::forget(const std::string& event_id) {
  std::lock_guard lock{mutex_};
  if (ids_.erase(event_id) > 0)
    std::erase(oldest_first_, event_id);
}

}  // namespace beamline::pubsub
