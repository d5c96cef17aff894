#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/rpc/limits.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace beamline::net::rpc {

/// How long something is waited for: a duration, for ever, or until a point in time (D75). A value.
class time_limit {
public:
  time_limit(duration d) : within_{d} {}  // NOLINT: `call(..., 2s)`
  template <class Rep, class Period>
  time_limit(std::chrono::duration<Rep, Period> d)  // NOLINT: implicit on purpose
      : within_{d > std::chrono::milliseconds{time_limit_ms_max} ? too_long() : duration{d}} {}

  [[nodiscard]] static time_limit infinity() { return time_limit{duration::max()}; }
  /// A point that has passed is as 0.
  [[nodiscard]] static time_limit until(time_point t) {
    time_limit l{duration::zero()};
    l.until_ = t;
    return l;
  }

  [[nodiscard]] bool is_infinite() const noexcept { return !until_ && within_ == duration::max(); }

  /// What is left from `now` on; duration::max() for ever. Error: `invalid`, for one that is negative or too long.
  [[nodiscard]] result<duration> from(time_point now) const {
    auto left = until_ ? std::max(duration::zero(), *until_ - now) : within_;
    if (is_infinite() || (left >= duration::zero() && to_ms(left) <= time_limit_ms_max))
      return left;
    return error{errc::invalid, "a time limit of " + std::to_string(to_ms(left)) + " ms; 0 to "
                                    + std::to_string(time_limit_ms_max) + " ms or infinity are allowed"};
  }

private:
  static constexpr duration too_long() { return std::chrono::milliseconds{time_limit_ms_max + 1}; }

  duration within_;
  std::optional<time_point> until_;
};

}  // namespace beamline::net::rpc
