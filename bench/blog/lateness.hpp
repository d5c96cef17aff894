#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace beamline::bench {

/// What the pages show over time: a number that only grows. Pure.
class lateness {
public:
  explicit lateness(std::size_t pages) : pages_(pages) {}

  /// What a page shows when it is joined.
  void begin(std::size_t who, std::int64_t number) { pages_[who].newest = number; }
  /// A page shows another number from `at` on. Throws std::runtime_error when it is less than before.
  void show(std::size_t who, std::int64_t number, time_point at);

  /// Pages that show less than that.
  [[nodiscard]] std::size_t behind(std::int64_t number) const;
  /// For every page and every k the time from `made[k]` until the page showed k + 1 or more, in ms; 0 when it was there
  /// before. `made` is sorted. Throws std::runtime_error where a page never showed the last one.
  [[nodiscard]] std::vector<double> since(const std::vector<time_point>& made) const;

private:
  struct shown {
    std::int64_t number;
    time_point at;
  };
  struct page {
    std::int64_t newest = 0;
    std::vector<shown> history{};
  };
  std::vector<page> pages_;
};

}  // namespace beamline::bench
