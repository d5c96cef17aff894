#pragma once

#include "base/time.hpp"

namespace beamline::web {

/// How much a client may ask for: `per_second` for ever, and `burst` at once after a rest.
struct rate_limit {
  double per_second = 0;
  double burst = 0;

  friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

/// What endpoints for browsers allow each connection when they are not told otherwise: far more than a page needs.
namespace default_rates {
inline constexpr rate_limit messages{.per_second = 200, .burst = 400};
inline constexpr rate_limit octets{.per_second = 512.0 * 1024, .burst = 4.0 * 1024 * 1024};
inline constexpr rate_limit joins{.per_second = 10, .burst = 120};
}  // namespace default_rates

/// A token bucket: what one client has used of its rate. It goes into debt rather than refuse, as what has been
/// received has been received; who is in debt is not read from until it is paid off.
///
/// Owned by one connection; not thread-safe. Time is passed in.
class token_bucket {
public:
  /// Throws std::invalid_argument unless both numbers are above 0.
  explicit token_bucket(rate_limit limit);

  /// Uses `amount`. Returns how long to wait until the debt is paid off: zero if there is none.
  [[nodiscard]] duration take(double amount, time_point now);

private:
  rate_limit limit_;
  double level_;  // Negative: debt.
  time_point counted_at_{};
};

}  // namespace beamline::web
