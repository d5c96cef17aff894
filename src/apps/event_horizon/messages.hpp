#pragma once

#include "actors/pid.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/discussion.hpp"
#include "apps/event_horizon/last_call.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// What the processes of the blog say to each other, within one node.
namespace beamline::event_horizon {

/// The numbers of a post as last heard of. Of two, the one with the higher version is newer.
struct post_stats {
  std::int64_t likes = 0;
  std::int64_t version = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;
  std::int64_t comments_version = 0;  // As of `discussion::version`.

  friend bool operator==(const post_stats&, const post_stats&) = default;
};

[[nodiscard]] inline post_stats to_post_stats(const accumulator::blog_stats& s) {
  return {s.likes, s.version, s.visits, s.comments, s.comments_version};
}

/// The same of all posts and pages together.
struct site_numbers {
  std::int64_t visits = 0;
  std::int64_t likes = 0;
  std::int64_t comments = 0;
  std::int64_t version = 0;

  friend bool operator==(const site_numbers&, const site_numbers&) = default;
};

/// Whether `news` is newer than what is known: an answer and a broadcast come by different ways.
[[nodiscard]] inline bool is_newer(const std::optional<site_numbers>& known, const site_numbers& news) {
  return !known || known->version < news.version;
}

/// How this node stands with its accumulator.
struct waiting_state {
  std::uint64_t waiting = 0;  // Entries of its outbox; visits of one post that wait are one.
  bool is_connected = false;  // An accumulator is linked.

  friend bool operator==(const waiting_state&, const waiting_state&) = default;
};

// -- what views are cast -------------------------------------------------------------------------

/// The numbers of a post have changed.
struct stats_updated {
  std::string slug;
  post_stats stats;
};

/// Those of the site have.
struct site_updated {
  site_numbers now;
};

/// What is shown of a post's comments has; at most every `discussion_interval`.
struct discussion_updated {
  std::string slug;
  discussion_ref now;  // Never null.
};

/// What waits has changed, or the accumulator has come or gone; at most every `net::outbox::watch_interval`.
struct waiting_updated {
  waiting_state now;
};

// -- what visitors do ------------------------------------------------------------------------------

/// A visitor likes a post from now on, or does not. Saying it twice counts once.
struct like_post {
  std::string slug;
  std::string visitor;
  bool liked = true;
  std::string client{};  // The address that it comes from; empty: not known.
};

/// The like counts, now or once it has arrived; one that was broadcast, if it arrives.
struct like_answer {
  std::optional<post_stats> stats{};  // With it; none while it waits.
  bool liked = true;                  // Of this visitor.
  bool is_waiting = false;            // Nobody has counted it yet; it is kept, and will be.
  bool is_sent = false;               // It was broadcast, and is kept nowhere: nobody hears what becomes of it.
};

/// A visitor writes. `check_comment` says what may be in it.
struct comment_post {
  std::string slug;
  std::string author{};  // Empty: `accumulator::default_author`.
  std::string content;
  uid parent{};  // The comment that it answers; nil: none.
  std::string visitor{};
  std::string client{};  // As of a like.
};

/// The comment was taken.
struct comment_answer {
  uid id{};                 // It will be shown under this one; of all pages that show it, whoever wrote it.
  bool is_waiting = false;  // Nobody has taken it yet; it is kept, and shows once it has arrived.
  bool is_sent = false;     // As of a like.
  bool is_pending = false;  // Somebody has to look at it before it shows.
  std::optional<accumulator::comment> made{};  // As it is shown; none while it is on its way.
};

// -- to the processes of the blog; see `analytics`, `submissions`, `discussions` and `backlog` ---------

/// Call, answered `watch_answer`: casts `stats_updated` of this post to `view` until that process ends.
struct watch_stats {
  std::string slug;
  pid view;
};
struct watch_answer {
  std::optional<post_stats> stats;  // At this moment; none if nothing was heard of the post yet.
};

/// Call, answered `watch_site_answer`: casts `site_updated`.
struct watch_site {
  pid view;
};
struct watch_site_answer {
  std::optional<site_numbers> now;
};

/// Call, answered `watch_discussion_answer`: casts `discussion_updated` of this post.
struct watch_discussion {
  std::string slug;
  pid view;
};
struct watch_discussion_answer {
  discussion_ref now;  // Null: it is being read; it follows.
};

/// Call, answered `waiting_state`: casts `waiting_updated`.
struct watch_waiting {
  pid view;
};

/// Call, answered `result<like_answer>`: see `like_post`.
struct start_like {
  like_post what;
};
/// Cast, for those who are no process: `done` is called in a turn of the process.
struct start_like_for {
  like_post what;
  std::function<void(const result<like_answer>&)> done;
};

/// Call, answered `liked_now`: see `like_reads`.
struct ask_liked {
  std::string slug;
  std::string visitor;
};
struct liked_now {
  std::optional<bool> liked;  // Nothing: nobody could say.
};

/// Call, answered `result<comment_answer>`.
struct start_comment {
  comment_post what;
};
/// Cast, as start_like_for.
struct start_comment_for {
  comment_post what;
  std::function<void(const result<comment_answer>&)> done;
};

/// Cast: the visitor has opened the post. Counted once per visitor and window.
struct count_visit {
  std::string slug;
  std::string visitor;
};
/// The same of a page that is no post.
struct count_page_visit {
  std::string page;
  std::string visitor;
};

/// Cast to analytics: numbers that came with an answer.
struct learned_stats {
  accumulator::blog_stats stats;
};

/// Cast to discussions: the comments of a post have changed, up to that version.
struct comments_moved {
  std::string slug;
  std::int64_t version = 0;
};

/// Cast to analytics and discussions: `done` is let go once the post is known, or cannot be at the moment, at the
/// latest after `at_most`. Empty slug: the numbers of the site.
struct prepare_for {
  std::string slug;
  duration at_most{};
  std::shared_ptr<const last_call> done;
};

}  // namespace beamline::event_horizon
