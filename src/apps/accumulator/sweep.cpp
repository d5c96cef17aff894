#include "apps/accumulator/sweep.hpp"

#include "apps/accumulator/partitions.hpp"

#include <algorithm>

namespace beamline::accumulator {

namespace {

wall_time before(wall_time at, duration by) { return at - std::chrono::duration_cast<std::chrono::microseconds>(by); }

/// A window that began so early has no room for an event that is still accepted.
wall_time windows_before(const uid& bound, const accumulator_options& o) {
  return before(bound.made_at(), o.visit_window);
}

}  // namespace

uid first_id_at(wall_time at) noexcept {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)) << 16, 0};
}

uid sweep_bound(tables& t, wall_time now, const accumulator_options& o) {
  auto bound = before(now, o.dedupe_retention);
  auto rows_max = static_cast<std::int64_t>(o.dedupe_rows_max);
  if (auto id = t.id_with_newer(rows_max); !id.is_nil())
    bound = std::max(bound, id.made_at());
  if (auto window = t.window_with_newer(rows_max))
    bound = std::max(bound, *window + std::chrono::duration_cast<std::chrono::microseconds>(o.visit_window));
  return first_id_at(std::min(bound, before(now, std::min(sweep_age_min, o.dedupe_retention))));
}

sweep_step sweep(tables& t, const uid& bound, const accumulator_options& o) {
  t.take_turn();
  t.set_forgotten_before(bound);
  return {t.sweep_ids(bound, sweep_rows_max), t.sweep_visits(windows_before(bound, o), sweep_rows_max)};
}

sweep_step sweep_partitions(tables& t, const uid& bound, const accumulator_options& o) {
  t.take_turn();
  t.set_forgotten_before(bound);
  return {0, 0, drop_partitions(t, windows_before(bound, o))};
}

}  // namespace beamline::accumulator
