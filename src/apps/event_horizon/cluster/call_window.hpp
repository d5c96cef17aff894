#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace beamline::event_horizon {

/// How long calls took within the last minutes: median and 99th percentile, of any number of calls in a fixed amount of
/// memory (about 28 KiB).
///
/// Durations are counted in buckets, eight to a doubling, and the counts kept for slices of time: a quantile is off by
/// at most a sixteenth of its value, and a slice leaves as a whole. Pure; not thread-safe; time is passed in and never
/// goes back.
class call_window {
public:
  static constexpr duration slice = 10s;
  static constexpr std::size_t slices = 30;
  /// What `summary` speaks of.
  static constexpr duration span = slice * static_cast<std::int64_t>(slices);
  // Longer durations count as this one (134 s), shorter ones as 1 µs.
  static constexpr std::size_t octaves = 28;

  struct summary {
    std::uint64_t calls = 0;
    duration median{};  // Zero without calls.
    duration p99{};     // The 99th percentile.

    friend bool operator==(const summary&, const summary&) = default;
  };

  void record(time_point now, duration took);
  [[nodiscard]] summary of_last_minutes(time_point now) const;

private:
  static constexpr std::size_t parts = 8;  // Of an octave.
  using counts = std::array<std::uint32_t, octaves * parts>;
  struct piece {
    std::int64_t number = -1;  // Which slice of time; -1: none yet.
    counts of{};
  };

  [[nodiscard]] static std::int64_t number_of(time_point t) { return t.time_since_epoch() / slice; }
  [[nodiscard]] static std::size_t bucket_of(duration took);
  [[nodiscard]] static duration middle_of(std::size_t bucket);
  [[nodiscard]] static duration quantile(const std::array<std::uint64_t, octaves * parts>& all, std::uint64_t rank);

  std::array<piece, slices> pieces_{};
};

}  // namespace beamline::event_horizon
