#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::event_horizon {

/// A visitor pressed Like, and has the outcome.
struct like_done {
  static constexpr std::string_view event_name = "event_horizon.like";
  std::string_view slug;
  bool liked = false;
  std::string_view outcome;  // `ok`, `waiting`, `sent`, or the code of the error.
  duration took{};
  BEAMLINE_EVENT(slug, liked, outcome, took)
};

/// A visitor has sent a comment, and has the outcome.
struct comment_done {
  static constexpr std::string_view event_name = "event_horizon.comment";
  std::string_view slug;
  std::string_view outcome;  // As above; or `pending`: a moderator has to show it.
  duration took{};
  BEAMLINE_EVENT(slug, outcome, took)
};

/// A visit is not counted, and cannot be any more.
struct visit_lost {
  static constexpr std::string_view event_name = "event_horizon.visit_lost";
  std::string_view of;  // The slug of the post, or the page.
  // `under_way`: as many as event_horizon.writes_max are; `no_process`: the one that passes them on is being restarted;
  // `refused`: by the outbox or the accumulator; `not_sent`: it could not be broadcast.
  std::string_view why;
  BEAMLINE_EVENT(of, why)
};

/// What is known of a discussion has changed.
struct discussion_learned {
  static constexpr std::string_view event_name = "event_horizon.discussion";
  std::string_view slug;
  std::uint64_t comments = 0;
  std::int64_t version = 0;
  std::uint64_t views = 0;  // That are told.
  BEAMLINE_EVENT(slug, comments, version, views)
};

/// The comments of a post are read, page by page.
struct discussion_read {
  static constexpr std::string_view event_name = "event_horizon.discussion_read";
  std::string_view slug;
  std::string_view why;  // `unknown`, `linked`, `gap`, `stale`.
  BEAMLINE_EVENT(slug, why)
};

/// Newer numbers of a post were heard of.
struct stats_learned {
  static constexpr std::string_view event_name = "event_horizon.stats";
  std::string_view slug;
  std::int64_t likes = 0;
  std::int64_t version = 0;
  std::uint64_t views = 0;  // That are told.
  BEAMLINE_EVENT(slug, likes, version, views)
};

/// The posts were read anew because a file had changed.
struct posts_read {
  static constexpr std::string_view event_name = "event_horizon.posts";
  std::uint64_t posts = 0;
  std::uint64_t added = 0;     // That were not there before.
  std::uint64_t problems = 0;  // That beamline check-content would list.
  BEAMLINE_EVENT(posts, added, problems)
};

}  // namespace beamline::event_horizon
