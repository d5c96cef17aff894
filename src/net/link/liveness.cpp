#include "net/link/liveness.hpp"

#include <algorithm>

namespace beamline::net {

namespace {

constexpr int intensity_min = 4, intensity_max = 1000;

duration possible(duration tick_time) {
  return std::clamp(tick_time, liveness::tick_time_min, liveness::tick_time_max);
}

}  // namespace

liveness::liveness(options o, time_point now)
    : check_interval_{std::max(possible(o.tick_here), possible(o.tick_there))},
      tick_interval_{std::min(possible(o.tick_here), possible(o.tick_there))},
      intensity_{std::clamp(o.intensity, intensity_min, intensity_max)} {
  check_interval_ /= intensity_;
  tick_interval_ /= intensity_;
  check_at_ = now + check_interval_;
  tick_at_ = now + tick_interval_;
}

void liveness::check_silence(time_point now) {
  auto is_late = now - check_at_ >= check_interval_;
  if (has_read_)
    quiet_ = 0;
  else if (!is_late || quiet_ + 1 < intensity_)
    ++quiet_;
  has_read_ = false;
  // A timer that is a little late must not shift all checks that follow, or the upper bound would not hold.
  check_at_ = (is_late ? now : check_at_) + check_interval_;
}

liveness::decision liveness::check(time_point now) {
  if (now >= check_at_ && quiet_ < intensity_)
    check_silence(now);
  decision d;
  d.is_dead = quiet_ >= intensity_;
  d.is_tick_due = now >= tick_at_;
  if (d.is_tick_due)
    note_written(now);
  d.next = std::min(check_at_, tick_at_);
  return d;
}

}  // namespace beamline::net
