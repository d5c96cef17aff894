#include "web/rate_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>

namespace beamline::web {

token_bucket::token_bucket(rate_limit limit) : limit_{limit}, level_{limit.burst} {
  if (!(limit.per_second > 0) || !(limit.burst > 0))
    throw std::invalid_argument{"rate limit of " + std::to_string(limit.per_second) + " per second, burst "
                                + std::to_string(limit.burst) + ": both must be above 0"};
}

duration token_bucket::take(double amount, time_point now) {
  using seconds = std::chrono::duration<double>;
  if (now > counted_at_) {
    level_ = std::min(limit_.burst, level_ + seconds{now - counted_at_}.count() * limit_.per_second);
    counted_at_ = now;
  }
  level_ -= amount;
  if (level_ >= 0)
    return duration::zero();
  return std::chrono::ceil<duration>(seconds{-level_ / limit_.per_second});
}

}  // namespace beamline::web
