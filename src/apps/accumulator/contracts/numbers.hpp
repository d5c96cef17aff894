#pragma once

#include "actors/message.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What the accumulator knows and tells: numbers of posts, of the site, of single metrics; comments.
namespace beamline::accumulator {

/// The numbers of a post after a commit. `version` grows with every change of them, so of two the one with the higher
/// version is the newer one, whichever way they came. A broadcast names the version before it in `previous`: who knows
/// a lower one has missed a broadcast and asks. Of answers `previous` is 0.
struct blog_stats {
  std::string slug{};
  std::int64_t likes = 0;
  std::int64_t version = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;          // That are shown.
  std::int64_t comments_version = 0;  // Grows by one with every comment_news; see there.
  std::int64_t previous = 0;
  BEAMLINE_MESSAGE(blog_stats, "accumulator.blog_stats", 2, slug, likes, version, visits, comments, comments_version,
                   previous)
  friend bool operator==(const blog_stats&, const blog_stats&) = default;
};

/// The sums over all posts and pages.
struct site_stats {
  std::int64_t visits = 0;
  std::int64_t likes = 0;
  std::int64_t comments = 0;
  std::int64_t version = 0;
  std::int64_t previous = 0;
  BEAMLINE_MESSAGE(site_stats, "accumulator.site_stats", 1, visits, likes, comments, version, previous)
  friend bool operator==(const site_stats&, const site_stats&) = default;
};

struct metric_count {
  std::string metric{};  // Its key, see names.hpp.
  std::int64_t count = 0;
  std::int64_t version = 0;  // Of the post, page or site that it is about.
  BEAMLINE_MESSAGE(metric_count, "accumulator.metric_count", 1, metric, count, version)
  friend bool operator==(const metric_count&, const metric_count&) = default;
};

enum class comment_state : std::uint8_t { visible = 0, pending = 1, hidden = 2, deleted = 3 };
[[nodiscard]] std::string_view to_string(comment_state s) noexcept;

struct comment {
  uid id{};  // That of the event that made it.
  std::string slug{};
  uid parent{};  // The comment it answers, which answers none itself; nil: none.
  std::string author{};
  std::string content{};  // Plain text. Both are empty in news of one that is not shown any more.
  wall_time at{};         // When the accumulator took it.
  comment_state state = comment_state::visible;
  BEAMLINE_MESSAGE(comment, "accumulator.comment", 1, id, slug, parent, author, content, at, state)
  friend bool operator==(const comment&, const comment&) = default;
};

}  // namespace beamline::accumulator
