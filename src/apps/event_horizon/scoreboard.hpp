#pragma once

#include "apps/event_horizon/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::event_horizon {

/// The numbers of all posts and of the site as last heard of, what waits, and who of the recent visitors likes what.
/// Written by the processes of the blog, read from everywhere: thread-safe, each call under one short lock. Its size is
/// bounded: by `posts_max` and `likes_max`.
class scoreboard {
public:
  // Likes of more visitors than this are forgotten, oldest first: their buttons look unpressed when they come back.
  static constexpr std::size_t likes_max_default = 20'000;
  // Posts after so many, removed ones included, have no numbers until the node restarts.
  static constexpr std::size_t posts_max = 20'000;

  explicit scoreboard(std::size_t likes_max = likes_max_default) : likes_max_{likes_max} {}

  /// Makes room for a post; others are unknown. A post that is removed keeps its place: it may come back.
  void add_post(std::string slug) {
    auto lock = std::scoped_lock{mutex_};
    if (stats_.size() < posts_max)
      stats_.try_emplace(std::move(slug));
  }

  /// Whether there is room for its numbers.
  [[nodiscard]] bool knows(std::string_view slug) const {
    auto lock = std::scoped_lock{mutex_};
    return stats_.find(slug) != stats_.end();
  }

  /// True if this is news: of a known post, and its first numbers or a higher version.
  bool update(std::string_view slug, post_stats stats);
  [[nodiscard]] std::optional<post_stats> stats(std::string_view slug) const;

  /// True if this is news: the first numbers of the site, or a higher version.
  bool update_site(const site_numbers& now);
  [[nodiscard]] std::optional<site_numbers> site() const;

  /// True if it differs from before.
  bool update_waiting(const waiting_state& now);
  [[nodiscard]] waiting_state waiting() const;

  /// What a like, or the accumulator, has told about a visitor. `entry`: of this node's outbox, in which it waits.
  void remember_like(const std::string& slug, const std::string& visitor, bool liked, const uid& entry = {});
  /// Whether the visitor is known to like the post.
  [[nodiscard]] bool has_liked(std::string_view slug, std::string_view visitor) const;
  /// The entry of the outbox that is to tell it to the accumulator, which knows less than this node until then; nil:
  /// there was none. Only the outbox can say whether it still waits.
  [[nodiscard]] uid like_entry(std::string_view slug, std::string_view visitor) const;

private:
  using like_name = std::pair<std::string, std::string>;  // Slug, visitor.
  struct like {
    like_name name;
    bool liked = true;
    uid entry{};  // Of the outbox; nil: it was counted at once.
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::optional<post_stats>, std::less<>> stats_;
  std::optional<site_numbers> site_;
  waiting_state waiting_;
  std::size_t likes_max_;
  std::list<like> likes_;  // Oldest first.
  std::map<like_name, std::list<like>::iterator> likes_by_name_;
};

}  // namespace beamline::event_horizon
