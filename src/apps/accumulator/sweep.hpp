#pragma once

#include "apps/accumulator/options.hpp"
#include "apps/accumulator/store.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <cstdint>

/// Forgetting: which ids of events, and which visits, are no longer needed, and how they go. Pure but for the tables.
///
/// An id may go once no event with it is accepted any more. So the bound is raised first, in the transaction of the
/// first step: from then on older events are rejected as `expired`, whatever the clocks say, and rows below it can go
/// at leisure. That keeps an event from being applied twice also when clocks step or the sweep stops half-way (D202).
namespace beamline::accumulator {

// One step deletes so many rows of each kind, and the next one follows after the pause: writers get in between.
inline constexpr std::int64_t sweep_rows_max = 1000;
inline constexpr duration sweep_pause = std::chrono::milliseconds{100};
// What is younger is kept, even if it is more than accumulator.dedupe_rows_max.
inline constexpr duration sweep_age_min = std::chrono::hours{1};

/// The bound to be raised to: the end of dedupe_retention, or what dedupe_rows_max leaves room for.
[[nodiscard]] uid sweep_bound(tables& t, wall_time now, const accumulator_options& o);

struct sweep_step {
  std::int64_t ids = 0;
  std::int64_t visits = 0;
  std::size_t partitions = 0;  // Days whose partitions went, see partitions.hpp.
  [[nodiscard]] bool has_more() const noexcept { return ids >= sweep_rows_max || visits >= sweep_rows_max; }
};
/// Raises the bound and deletes some of what lies below it.
[[nodiscard]] sweep_step sweep(tables& t, const uid& bound, const accumulator_options& o);
/// Raises the bound and drops the partitions below it; new ones are made apart from that (partitions.hpp).
[[nodiscard]] sweep_step sweep_partitions(tables& t, const uid& bound, const accumulator_options& o);

/// The least id of an event made at that time.
[[nodiscard]] uid first_id_at(wall_time at) noexcept;

}  // namespace beamline::accumulator
