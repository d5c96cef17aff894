#pragma once

#include <chrono>
#include <cstdint>

namespace beamline {

using namespace std::chrono_literals;

using duration = std::chrono::nanoseconds;

/// The time line of `time_point`: monotonic, meaningful only within one run of a node. It has no
/// `now()`: time is read from a `clock` port, which the simulator replaces.
struct monotonic_time {
  using duration = beamline::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<monotonic_time, duration>;
  static constexpr bool is_steady = true;
};

using time_point = monotonic_time::time_point;

/// Calendar time (UTC). For people and for records; never for measuring durations, since it may step.
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads time. Thread-safe. Everything that needs the time gets one of these; nothing else in the
/// program reads a clock (`scripts/check` looks for it).
class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual time_point now() const = 0;
  [[nodiscard]] virtual wall_time wall_now() const = 0;
};

/// The machine's clocks.
class system_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override;
  [[nodiscard]] wall_time wall_now() const override;
};

/// A clock that stands still until it is told to move; for tests of pure code.
class manual_clock final : public clock {
public:
  explicit manual_clock(wall_time start = wall_time{std::chrono::seconds{1'700'000'000}}) : wall_{start} {}
  [[nodiscard]] time_point now() const override { return now_; }
  [[nodiscard]] wall_time wall_now() const override { return wall_; }
  void advance(duration d) {
    now_ += d;
    wall_ += std::chrono::duration_cast<std::chrono::microseconds>(d);
  }

private:
  time_point now_{};
  wall_time wall_;
};

/// Whole milliseconds, rounded towards zero; for JSON, logs and metrics.
[[nodiscard]] constexpr std::int64_t to_ms(duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace beamline
