#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace beamline {

/// Bounds how often each visitor may do something: a bucket of tokens per visitor, full at first, refilled evenly. Time
/// is when the visitor acted, not when that arrived: what waited in an outbox for an hour is not refused for coming all
/// at once. It never is ahead of the clock of this node, and goes back with it: a host whose clock is fast takes no
/// time away that is still to come.
///
/// What several hosts have kept comes in any order. So what is older than the newest of its visitor by the time that
/// fills a bucket passes without a token: whatever was done then, the bucket was full again, and its host has limited
/// it. Whoever stays within `per_minute` in any two minutes is never refused, in whichever order it arrives.
///
/// Pure; belongs to one process.
class limiter {
public:
  struct options {
    double per_minute = 60;  // How many tokens come in, and how many a bucket holds.
    // Visitors remembered. The one that was idle longest is forgotten for another one, which fills its bucket: with
    // more visitors than this at a time, limits are looser.
    std::size_t visitors_max = 20'000;
  };

  explicit limiter(options o) : options_{o} {}

  /// Buckets keep what they hold, as far as it fits.
  void change(options o) { options_ = o; }
  /// Takes a token for something done at `at`, by a clock that need not be that of this node, whose says `now`. False:
  /// there is none.
  [[nodiscard]] bool take(std::string_view visitor, wall_time at, wall_time now);
  /// The same for something done now.
  [[nodiscard]] bool take(std::string_view visitor, wall_time now) { return take(visitor, now, now); }
  /// Puts back what was taken for something done at `at`: nothing was done after all.
  void give_back(std::string_view visitor, wall_time at);
  /// The same of something done just now.
  void give_back(std::string_view visitor) { give_back(visitor, wall_time::max()); }

  [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }

private:
  struct bucket {
    std::string visitor;
    double tokens = 0;
    wall_time filled_at{};

    /// Whether all that was taken at that time has come in again.
    [[nodiscard]] bool is_filled_since(wall_time at) const { return filled_at - at >= fill_time; }
  };

  static constexpr std::chrono::minutes fill_time{1};

  options options_;
  std::list<bucket> order_;  // The longest idle first.
  std::map<std::string, std::list<bucket>::iterator, std::less<>> buckets_;
};

}  // namespace beamline
