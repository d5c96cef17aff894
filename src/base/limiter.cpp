#include "base/limiter.hpp"

#include <algorithm>

namespace beamline {

bool limiter::take(std::string_view visitor, wall_time at, wall_time now) {
  at = std::min(at, now);
  auto known = buckets_.find(visitor);
  if (known == buckets_.end()) {
    if (buckets_.size() >= options_.visitors_max) {
      buckets_.erase(order_.front().visitor);
      order_.pop_front();
    }
    auto added = order_.insert(order_.end(), {std::string{visitor}, options_.per_minute, at});
    known = buckets_.emplace(added->visitor, added).first;
  } else {
    order_.splice(order_.end(), order_, known->second);
  }
  auto& b = *known->second;
  b.filled_at = std::min(b.filled_at, now);  // The clock was set back.
  if (b.is_filled_since(at))
    return true;
  // Events of two hosts may come in another order than they were made in: time only goes on.
  if (at > b.filled_at) {
    auto minutes = std::chrono::duration<double, std::ratio<60>>(at - b.filled_at).count();
    b.tokens += minutes * options_.per_minute;
    b.filled_at = at;
  }
  b.tokens = std::min(b.tokens, options_.per_minute);
  if (b.tokens < 1)
    return false;
  b.tokens -= 1;
  return true;
}

void limiter::give_back(std::string_view visitor, wall_time at) {
  if (auto known = buckets_.find(visitor); known != buckets_.end() && !known->second->is_filled_since(at))
    known->second->tokens = std::min(known->second->tokens + 1, options_.per_minute);
}

}  // namespace beamline
