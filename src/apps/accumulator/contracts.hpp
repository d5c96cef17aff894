#pragma once

#include "actors/message.hpp"
#include "pubsub/topic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What other applications may know of the accumulator: the calls it answers and what it broadcasts.
///
///   host                                     accumulator
///     rpc update_likes{slug, visitor, liked} --->  one transaction
///     <------------------------ blog_stats         after the commit
///     <-- broadcast stats:blog:<slug> blog_stats   after each change, in the order of the commits; every node keeps
///                                                  the newest
///
/// A call that fails says why in the text of its reason: `invalid: …` for arguments that can never succeed,
/// `busy: …` and `unavailable: …` for what may be tried again. Every call may be repeated: it says what should be,
/// not what should be added, so a repetition counts nothing twice.
namespace beamline::accumulator {

/// The role of the nodes that answer.
inline constexpr std::string_view role = "accumulator";

// -- procedures: each is called by the name of its argument's message and answers a `blog_stats` ----------

/// From now on `visitor` likes the post, or does not.
struct update_likes {
  std::string slug;
  std::string visitor;
  bool liked = true;
  BEAMLINE_MESSAGE(update_likes, "accumulator.update_likes", 1, slug, visitor, liked)
};

/// The committed numbers of a post; of one that nobody has liked yet they are 0.
struct get_blog_stats {
  std::string slug;
  BEAMLINE_MESSAGE(get_blog_stats, "accumulator.get_blog_stats", 1, slug)
};

/// The numbers of a post after a commit. `version` grows by one with every change of them, so of two the one with
/// the higher version is the newer one, whichever way they came.
struct blog_stats {
  std::string slug;
  std::int64_t likes = 0;
  std::int64_t version = 0;
  BEAMLINE_MESSAGE(blog_stats, "accumulator.blog_stats", 1, slug, likes, version)

  friend bool operator==(const blog_stats&, const blog_stats&) = default;
};

// -- broadcasts ------------------------------------------------------------------------------

/// Where the numbers of a post are broadcast, by its slug; their `version` is that of the broadcast.
inline constexpr pubsub::topic_family<blog_stats, std::string_view, pubsub::topic_class::last_value> blog_topic{
    "stats:blog"};

// -- names -----------------------------------------------------------------------------------

// Longer slugs and visitors are refused as `invalid`.
inline constexpr std::size_t slug_bytes_max = 100;
inline constexpr std::size_t visitor_bytes_min = 8;
inline constexpr std::size_t visitor_bytes_max = 64;

/// A slug is lower-case letters and digits in words joined by single hyphens: `hello`, `two-nodes-1`.
[[nodiscard]] constexpr bool is_slug(std::string_view text) noexcept {
  if (text.empty() || text.size() > slug_bytes_max)
    return false;
  bool after_hyphen = true;  // Neither first nor after another one ...
  for (char c : text) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && (c != '-' || after_hyphen))
      return false;
    after_hyphen = c == '-';
  }
  return !after_hyphen;  // ... nor last.
}

/// A visitor is an opaque word made by the web layer: letters, digits, `-` and `_`.
[[nodiscard]] constexpr bool is_visitor(std::string_view text) noexcept {
  return text.size() >= visitor_bytes_min && text.size() <= visitor_bytes_max
      && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

}  // namespace beamline::accumulator
