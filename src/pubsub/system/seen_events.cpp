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

}  // namespace beamline::pubsub
