#pragma once

#include "base/time.hpp"

namespace beamline::net {

/// Whether a peer is still there, and when to show that we are (D39-D42, D45). Pure; asked on a timer. Not thread-safe.
///
/// Anything read counts as life. A peer is given up at the `intensity`th check in a row that found nothing new; checks
/// are max(T_here, T_there) / intensity apart. A tick is due when nothing was written for min(T_here, T_there) /
/// intensity.
///
/// Hence, with T the greater of both: a peer that falls silent is given up from T to T x (1 + 1/intensity) after its
/// last octet, which is within T x (1 +- 1/intensity) of its failure, since it showed itself at most T / intensity
/// before that. A check that is late by a whole interval or more means that this process stood still: it counts as one
/// quiet check at most, and gives nobody up, because what came meanwhile may not have been read yet.
class liveness {
public:
  // A tick time out of these bounds, which only a broken or hostile peer can state, counts as the nearer bound.
  static constexpr duration tick_time_min = 10ms, tick_time_max = std::chrono::hours{24};

  struct options {
    duration tick_here{};
    duration tick_there{};
    int intensity = 4;  // 4 to 1000.
  };
  liveness(options o, time_point now);

  void note_read(time_point) noexcept { has_read_ = true; }
  void note_written(time_point now) noexcept { tick_at_ = now + tick_interval_; }

  struct decision {
    bool is_dead = false;
    bool is_tick_due = false;  // Taken as written: the next one is due an interval from now.
    time_point next{};         // When to ask again.
  };
  [[nodiscard]] decision check(time_point now);

private:
  void check_silence(time_point now);

  duration check_interval_;
  duration tick_interval_;
  int intensity_;
  time_point check_at_;
  time_point tick_at_;
  int quiet_ = 0;  // Checks in a row that found nothing new.
  bool has_read_ = false;
};

}  // namespace beamline::net
