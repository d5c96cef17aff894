#pragma once

#include "apps/accumulator/apply.hpp"
#include "apps/accumulator/commit_line.hpp"
#include "base/config/section.hpp"
#include "base/json_fwd.hpp"
#include "base/limiter.hpp"
#include "base/time.hpp"

#include <cstddef>

namespace beamline::accumulator {

/// What an administrator decides about the accumulator: section `accumulator` of the configuration.
struct accumulator_options {
  // Calls and events that wait for the store at the same time. One more is answered `busy` and changes nothing.
  std::size_t calls_max = 4096;
  // No two commits begin closer together than this: what comes meanwhile shares one.
  duration commit_interval = 5ms;
  // A visitor counts once per post or page in each of these.
  duration visit_window = visit_window_default;

  // Ids of events are remembered for so long; an older event is rejected as `expired`. Longer than any outbox keeps
  // one.
  duration dedupe_retention = 192h;
  // Ids, and visits, that are remembered; of more the oldest are forgotten early, but not those of the last hour.
  std::size_t dedupe_rows_max = 10'000'000;
  duration sweep_interval = 10min;

  // Posts, and pages, that have numbers; events about another one are rejected.
  std::size_t posts_max = 10'000;
  // Comments of one post, hidden and deleted ones included; one more is rejected.
  std::size_t comments_max = 10'000;
  // A longer comment is rejected.
  std::size_t comment_bytes_max = 4000;
  // New comments wait until a moderator shows them.
  bool comments_moderated = false;

  // Of one visitor; more are rejected as `too_many`.
  std::size_t comments_per_minute = 6;
  std::size_t likes_per_minute = 60;
  // Visitors whose limits are kept apart; of more the one that was idle longest starts anew.
  std::size_t limited_visitors_max = 20'000;

  [[nodiscard]] accumulator::rules rules() const { return {visit_window, posts_max, comments_max, comments_moderated}; }
  [[nodiscard]] limiter::options comment_limit() const {
    return {static_cast<double>(comments_per_minute), limited_visitors_max};
  }
  [[nodiscard]] limiter::options like_limit() const {
    return {static_cast<double>(likes_per_minute), limited_visitors_max};
  }
};

[[nodiscard]] config::section<accumulator_options> accumulator_section();

/// Those that can change while the accumulator runs, by their keys; and the options with what such an object says.
[[nodiscard]] json reloadable_settings(const accumulator_options& o);
[[nodiscard]] accumulator_options with_settings(accumulator_options o, const json& settings);

}  // namespace beamline::accumulator
