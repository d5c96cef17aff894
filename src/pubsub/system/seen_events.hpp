#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_set>

namespace beamline::pubsub {

/// Which events a subscription set has been given already. Thread-safe.
class seen_events {
public:
  // An id that comes back after so many others is taken for a new one.
  static constexpr std::size_t ids_max = 1024;

  /// Whether that event is new; from now on it is not.
  [[nodiscard]] bool is_first(const std::string& event_id);
  /// It did not arrive: the next one is new again.
  void forget(const std::string& event_id);

private:
  std::mutex mutex_;
  std::unordered_set<std::string> ids_;  // Looked up only.
  std::deque<std::string> oldest_first_;
};

}  // namespace beamline::pubsub
