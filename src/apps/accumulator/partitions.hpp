#pragma once

#include "apps/accumulator/store.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

/// Where the tables have partitions by time (PostgreSQL): which there are to be. Pure but for the tables.
///
/// Ids of events begin with the time at which they were made, and visits with their window, so a row's day says where
/// it is, and one id cannot be in two partitions: unique in each is unique in all. A row whose day has none is in the
/// rest; making the partitions of a day moves it. So it does no harm when they are made late, or never.
namespace beamline::accumulator {

// Partitions are there for so many days beyond today: ids may be ahead of the clock (id_ahead_max), and whoever makes
// partitions may be away for a while.
inline constexpr std::int64_t days_ahead = 2;

[[nodiscard]] std::int64_t day_of(wall_time at) noexcept;
[[nodiscard]] wall_time start_of(std::int64_t day) noexcept;

struct partition_changes {
  std::size_t made = 0;     // Days.
  std::size_t dropped = 0;  // The same.
};
/// Makes those of today and the days ahead, and drops those in which every id and window is older than `before`. Where
/// there are no partitions, nothing. After tables::take_turn.
[[nodiscard]] partition_changes keep_partitions(tables& t, wall_time now, wall_time before);

}  // namespace beamline::accumulator
