#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace gallery {

/// Which logins have ended. What a session says travels in a cookie that a browser may send a moment longer than it
/// should, or forever; so a logout is noted here, and asked for at each mount. Thread-safe.
class logins {
public:
  // The oldest logouts beyond are forgotten, and all of them with the process: a cookie that somebody kept opens the
  // page again then. A site that minds keeps its sessions in a table, and looks there.
  static constexpr std::size_t ended_max = 10'000;

  void end(const std::string& id) {
    const std::lock_guard lock{mutex_};
    if (!ended_.insert(id).second)
      return;
    order_.push_back(id);
    if (order_.size() > ended_max) {
      ended_.erase(order_.front());
      order_.pop_front();
    }
  }
  [[nodiscard]] bool has_ended(std::string_view id) const {
    const std::lock_guard lock{mutex_};
    return ended_.contains(id);
  }

private:
  mutable std::mutex mutex_;  // Guards both.
  std::set<std::string, std::less<>> ended_;
  std::deque<std::string> order_;
};

}  // namespace gallery
