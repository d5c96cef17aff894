#include "apps/accumulator/partitions.hpp"

#include "apps/accumulator/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::accumulator {

namespace {

using days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

// They are found by their names, `seen_events_19872`, whose number is the day; other schemas of the database may have
// tables of the same names.
constexpr std::string_view select_partitions =
    "SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent "
    "JOIN pg_namespace n ON n.oid = p.relnamespace AND n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND p.relname = 'seen_events' AND c.relname <> 'seen_events_rest'";
constexpr std::string_view prefix = "seen_events_";

// Bounds of partitions are no parameters: these texts are made for each day.
constexpr std::string_view create_like = "CREATE TABLE {0}_{1} (LIKE {0})";
constexpr std::string_view move_ids = "WITH moved AS (DELETE FROM seen_events_rest WHERE id >= '{1}' AND id < '{2}' "
                                      "RETURNING id) INSERT INTO seen_events_{0} (id) SELECT id FROM moved";
constexpr std::string_view move_visits =
    "WITH moved AS (DELETE FROM visits_rest WHERE window_start >= {1} AND window_start < {2} RETURNING window_start, "
    "subject, visitor) INSERT INTO visits_{0} (window_start, subject, visitor) SELECT window_start, subject, visitor "
    "FROM moved";
constexpr std::string_view attach = "ALTER TABLE {0} ATTACH PARTITION {0}_{1} FOR VALUES FROM ({2}) TO ({3})";
constexpr std::string_view drop_table = "DROP TABLE {}_{}";

}  // namespace

std::int64_t day_of(wall_time at) noexcept { return std::chrono::floor<days>(at.time_since_epoch()).count(); }
wall_time start_of(std::int64_t day) noexcept { return wall_time{days{day}}; }

std::vector<std::int64_t> tables::partitioned_days() {
  std::vector<std::int64_t> all;
  if (first_)
    return all;
  auto take = [&](const store::row& r) {
    auto name = r.get<std::string>(0);
    std::int64_t day = 0;
    const auto* end = name.data() + name.size();
    if (name.starts_with(prefix) && std::from_chars(name.data() + prefix.size(), end, day).ptr == end)
      all.push_back(day);
  };
  if (auto done = tx_.query(select_partitions, {}, take); !done)
    first_ = done.error();
  std::sort(all.begin(), all.end());
  return all;
}

void tables::add_partitions(std::int64_t day) {
  auto first = first_id_at(start_of(day)).str();
  auto next = first_id_at(start_of(day + 1)).str();
  auto begin = start_of(day).time_since_epoch().count();
  auto end = start_of(day + 1).time_since_epoch().count();
  execute(fmt::format(fmt::runtime(create_like), "seen_events", day), {});
  execute(fmt::format(fmt::runtime(move_ids), day, first, next), {});
  execute(fmt::format(fmt::runtime(attach), "seen_events", day, "'" + first + "'", "'" + next + "'"), {});
  execute(fmt::format(fmt::runtime(create_like), "visits", day), {});
  execute(fmt::format(fmt::runtime(move_visits), day, begin, end), {});
  execute(fmt::format(fmt::runtime(attach), "visits", day, begin, end), {});
}

void tables::drop_partitions(std::int64_t day) {
  for (const auto* of : {"seen_events", "visits"})
    execute(fmt::format(fmt::runtime(drop_table), of, day), {});
}

std::size_t make_partitions(tables& t, wall_time now) {
  std::size_t made = 0;
  if (!t.has_partitions())
    return made;
  auto there = t.partitioned_days();
  for (auto day = day_of(now); day <= day_of(now) + days_ahead; ++day)
    if (!std::binary_search(there.begin(), there.end(), day)) {
      t.add_partitions(day);
      ++made;
    }
  return made;
}

std::size_t drop_partitions(tables& t, wall_time before) {
  std::size_t dropped = 0;
  if (!t.has_partitions())
    return dropped;
  for (auto day : t.partitioned_days())
    if (start_of(day + 1) <= before) {
      t.drop_partitions(day);
      ++dropped;
    }
  return dropped;
}

}  // namespace beamline::accumulator
