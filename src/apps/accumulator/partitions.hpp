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

// Both give how many days that were, and do nothing where there are no partitions. After tables::take_turn, each in a
// transaction of its own: what cannot be dropped must not keep others from being made.

/// Makes those of today and the days ahead.
std::size_t make_partitions(tables& t, wall_time now);
/// Drops those in which every id and window is older than `before`.
[[nodiscard]] std::size_t drop_partitions(tables& t, wall_time before);

}  // namespace beamline::accumulator
