#pragma once

#include "actors/message.hpp"
#include "apps/accumulator/contracts/delivery.hpp"
#include "apps/accumulator/contracts/losses.hpp"
#include "apps/accumulator/contracts/names.hpp"
#include "apps/accumulator/contracts/numbers.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "pubsub/topic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What other applications may know of the accumulator: the calls it answers, the events it takes, what it broadcasts.
///
///   host                                           accumulator
///     rpc update_likes{slug, visitor, liked, id} --->  one transaction: seen before? effect, totals, version
///     <----------------------------- write_answer         after the commit
///     rpc handle_buffered_event{events} ------------->  the same for each of them
///     <---------------------------- event_answers
///     broadcast analytics:events ----------------->  the same, and nobody answers
///     <-- stats:blog:<slug>, stats:site, metrics:<key>, comments:blog:<slug>          after the commit only
///
/// Four of the procedures write; their messages are events, too: `event::type` is the name of the message and
/// `event::payload` its octets. With an id an event is applied once, whichever ways it comes and however often.
///
/// A read that fails says why in the text of its reason: `invalid: ...` for arguments that can never succeed,
/// `busy: ...` and `unavailable: ...` for what may be tried again. A write is answered, with why.
namespace beamline::accumulator {

/// The role of the nodes that answer.
inline constexpr std::string_view role = "accumulator";

// Visitors of one event; more are `invalid`. Who coalesces visits begins a new event then.
inline constexpr std::size_t visitors_max = 1000;
// accumulator.visit_window unless configured; hosts merge visits of one window only.
inline constexpr duration visit_window_default = std::chrono::minutes{30};
// Beyond this, either way, `invalid`.
inline constexpr std::int64_t likes_delta_max = 1000;
// Of a comment; longer ones are `invalid`. The text has a limit of its own: accumulator.comment_bytes_max.
inline constexpr std::size_t author_bytes_max = 80;
inline constexpr std::string_view default_author = "anonymous";
// Comments in one answer; a greater limit asks for so many.
inline constexpr std::uint32_t comments_listed_max = 200;

// -- writes: procedures and types of events; each answers a `write_answer` -------------------------

struct write_answer {
  event_outcome outcome = event_outcome::retry;
  std::string why{};                    // As in event_answer.
  std::optional<blog_stats> stats{};    // Committed, of the post; also of a duplicate.
  std::optional<metric_count> count{};  // The same of a page.
  std::optional<comment> made{};        // By this event; `pending` if somebody has to look at it first.
  BEAMLINE_MESSAGE(write_answer, "accumulator.write_answer", 1, outcome, why, stats, count, made)
};

/// From now on `visitor` likes the post, or does not. Without a visitor (empty), `delta` is added to the likes, which
/// do not fall below zero. A nil id: the caller does not repeat it.
struct update_likes {
  std::string slug{};
  std::string visitor{};
  bool liked = true;
  std::int64_t delta = 0;
  uid event_id{};
  BEAMLINE_MESSAGE(update_likes, "accumulator.update_likes", 2, slug, visitor, liked, delta, event_id)
};

/// These visitors have read the post. Each counts once per accumulator.visit_window, in that of the time in the id.
/// With no visitor it is one visit of somebody unknown.
struct increment_blog_visit {
  std::string slug{};
  std::vector<std::string> visitors{};
  uid event_id{};
  BEAMLINE_MESSAGE(increment_blog_visit, "accumulator.increment_blog_visit", 1, slug, visitors, event_id)
};

/// The same of a page that is no post: `home`.
struct increment_visit {
  std::string page{};
  std::vector<std::string> visitors{};
  uid event_id{};
  BEAMLINE_MESSAGE(increment_visit, "accumulator.increment_visit", 1, page, visitors, event_id)
};

/// Adds the visitors of a newer event to one that was not sent yet, so that one goes for both. Only for events made in
/// the same accumulator.visit_window: they count in that of the first one. False: they stay two,
/// since they are of different posts, together more than `visitors_max`, or of somebody unknown.
template <class Visits>
[[nodiscard]] bool merge_visits(Visits& waiting, const Visits& newer) {
  auto of = [](const Visits& v) -> const std::string& {
    if constexpr (requires { v.slug; })
      return v.slug;
    else
      return v.page;
  };
  if (of(waiting) != of(newer) || waiting.visitors.empty() || newer.visitors.empty()
      || waiting.visitors.size() + newer.visitors.size() > visitors_max)
    return false;
  for (const auto& who : newer.visitors)
    if (std::find(waiting.visitors.begin(), waiting.visitors.end(), who) == waiting.visitors.end())
      waiting.visitors.push_back(who);
  return true;
}

/// The comment gets the id of the event, so this one must not be nil. An answer to an answer joins its thread.
struct add_comment {
  std::string slug{};
  std::string content{};
  std::string author{};  // Empty: `default_author`.
  uid parent{};          // Nil: begins a thread.
  std::string visitor{};
  uid event_id{};
  BEAMLINE_MESSAGE(add_comment, "accumulator.add_comment", 1, slug, content, author, parent, visitor, event_id)
};

// -- reads -----------------------------------------------------------------------------------

/// `blog_stats`, committed; of a post that nothing is known of they are 0.
struct get_blog_stats {
  std::string slug{};
  BEAMLINE_MESSAGE(get_blog_stats, "accumulator.get_blog_stats", 1, slug)
};

/// `like_state`: whether the visitor likes the post; of a post or visitor that nothing is known of: not.
struct get_liked {
  std::string slug{};
  std::string visitor{};
  BEAMLINE_MESSAGE(get_liked, "accumulator.get_liked", 1, slug, visitor)
};
struct like_state {
  bool liked = false;
  BEAMLINE_MESSAGE(like_state, "accumulator.like_state", 1, liked)
};

/// `site_stats`.
struct get_site_stats {
  BEAMLINE_MESSAGE(get_site_stats, "accumulator.get_site_stats", 1)
};

/// `metric_count`; 0 of a page or post that nothing is known of.
struct get_count {
  std::string metric{};
  BEAMLINE_MESSAGE(get_count, "accumulator.get_count", 1, metric)
};

/// `comment_list`: those that are shown, oldest first, from behind the comment `after` on, which was made at
/// `after_at`.
struct list_comments {
  std::string slug{};
  wall_time after_at{};
  uid after{};
  std::uint32_t limit = comments_listed_max;
  BEAMLINE_MESSAGE(list_comments, "accumulator.list_comments", 1, slug, after_at, after, limit)
};
struct comment_list {
  std::vector<comment> comments{};
  std::int64_t version = 0;  // blog_stats::comments_version at that moment.
  bool is_complete = true;   // Nothing comes behind them.
  BEAMLINE_MESSAGE(comment_list, "accumulator.comment_list", 1, comments, version, is_complete)
};

// -- for moderators -----------------------------------------------------------------------------

/// `comment_list`: the newest first, in whatever state. Empty slug: of all posts.
struct recent_comments {
  std::string slug{};
  std::uint32_t limit = 20;
  BEAMLINE_MESSAGE(recent_comments, "accumulator.recent_comments", 1, slug, limit)
};

enum class moderation : std::uint8_t { hide = 0, show = 1, remove = 2 };

/// `write_answer`, with the comment as it is then. What is removed is gone for good; what answers it is not shown then.
struct moderate_comment {
  uid id{};
  moderation action = moderation::hide;
  BEAMLINE_MESSAGE(moderate_comment, "accumulator.moderate_comment", 1, id, action)
};

// -- the best-effort path ------------------------------------------------------------------------

/// What hosts may broadcast instead of calling, of what may be lost. It is applied as the others are.
struct tracked_event {
  uid id{};
  std::string type{};  // That of any event.
  std::string payload{};
  std::string source{};        // One sender, to one set of accumulators, and ...
  std::uint64_t sequence = 0;  // ... the how manieth of it this is, from 1 on: gaps are counted. 0: not numbered.
  BEAMLINE_MESSAGE(tracked_event, "analytics.event", 1, id, type, payload, source, sequence)
};

// Types of events besides, for short: a visit; a like of somebody unknown, or of `visitor`; a comment whose data are
// `content`, `author`, `parent` and `visitor`.
struct blog_visit {
  std::string slug{};
  std::string visitor{};
  BEAMLINE_MESSAGE(blog_visit, "analytics.blog_visit", 1, slug, visitor)
};
struct blog_like {
  std::string slug{};
  std::string visitor{};
  BEAMLINE_MESSAGE(blog_like, "analytics.blog_like", 1, slug, visitor)
};
struct blog_comment {
  std::string slug{};
  std::map<std::string, std::string> data{};
  BEAMLINE_MESSAGE(blog_comment, "analytics.blog_comment", 1, slug, data)
};

inline constexpr pubsub::topic_name<tracked_event> analytics_topic{"analytics:events"};

// -- broadcasts: only the accumulator makes them ---------------------------------------------------

/// Where the numbers of a post are broadcast, by its slug; their `version` is that of the broadcast.
inline constexpr pubsub::topic_family<blog_stats, std::string_view, pubsub::topic_class::last_value> blog_topic{
    "stats:blog"};
/// Those of the site, and single metrics by their key: the newest, at most every 100 ms.
inline constexpr pubsub::topic_name<site_stats, pubsub::topic_class::last_value> site_topic{"stats:site"};
inline constexpr pubsub::topic_family<metric_count, std::string_view, pubsub::topic_class::last_value> metric_topic{
    "metrics"};

/// A comment of a post has come, changed or gone. `version` is one more than that of the news before, and than that of
/// the list it changes; who sees a gap lists the comments again. When a comment goes, so do its answers; when one comes
/// back that has some, `is_list_stale`, and the list is to be read again.
struct comment_news {
  std::int64_t version = 0;
  comment what{};
  bool is_list_stale = false;
  BEAMLINE_MESSAGE(comment_news, "accumulator.comment_news", 1, version, what, is_list_stale)
  friend bool operator==(const comment_news&, const comment_news&) = default;
};
inline constexpr pubsub::topic_family<comment_news, std::string_view> comment_topic{"comments:blog"};

/// Adds what is broadcast to what a node can exchange with others (message_contract).
template <class Contract>
void add_messages(Contract& c) {
  c.template add<blog_stats, site_stats, metric_count, comment_news, tracked_event>();
}

}  // namespace beamline::accumulator
