#pragma once

#include "actors/node.hpp"
#include "apps/event_horizon/catalogue.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/options.hpp"
#include "apps/event_horizon/scoreboard.hpp"
#include "web/live/view.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// The name under which the analytics process of a node is found.
inline constexpr std::string_view analytics_name = "event_horizon.analytics";

/// The blog as its pages and handlers see it: `env().get<event_horizon::blog>()`.
///
///   main:  blog b{node, *catalogue::load(dir), options};  node.env().provide(b);
///          supervision::child<analytics>("analytics", analytics::parts{b, rpc, broadcast})
///
/// Made before the node's processes and kept until they are gone. Thread-safe; nothing here blocks.
class blog {
public:
  blog(node& home, catalogue posts, event_horizon_options o);
  blog(const blog&) = delete;
  blog& operator=(const blog&) = delete;

  [[nodiscard]] const catalogue& posts() const noexcept { return posts_; }
  [[nodiscard]] const post* find(std::string_view slug) const noexcept { return posts_.find(slug); }
  [[nodiscard]] const event_horizon_options& options() const noexcept { return options_; }

  /// The numbers as last heard of; none until the accumulator was heard once, and for unknown posts.
  [[nodiscard]] std::optional<post_stats> stats(std::string_view slug) const { return numbers_.stats(slug); }
  /// Whether the visitor likes the post, as far as this node knows: it remembers the recent ones it served itself.
  [[nodiscard]] bool has_liked(std::string_view slug, std::string_view visitor) const {
    return numbers_.has_liked(slug, visitor);
  }

  /// From now on the view is cast `stats_updated` of the post; ends with the view. `now` is called with what is known
  /// once the analytics process was reached, so that nothing is missed in between; and once more for each successor of
  /// it that was reached. Asked again with growing pauses while it is away; when it has too many subscribers the view
  /// stays without.
  void subscribe(web::live::view_socket& view, std::string slug,
                 std::function<void(const std::optional<post_stats>&)> now) const;

  /// Counts a like, and calls `done` once: at the latest a little after `like_timeout`. Every error means the same to
  /// the visitor: not counted as far as we know, and trying again is safe. Codes: `invalid` (no such visitor),
  /// `not_found` (no such post), `busy`, `unavailable`, `timeout`.
  void like(web::live::view_socket& view, like_post what, std::function<void(const result<like_answer>&)> done) const;
  /// The same for those that are no view; `done` is called on the caller's thread or in a process of the node.
  void like(like_post what, std::function<void(const result<like_answer>&)> done) const;

  /// Counts a visit of the post. Nobody is told what becomes of it; what cannot be is not sent.
  void visit(const std::string& slug, const std::string& visitor) const;

  /// For the analytics process, which keeps it up to date.
  [[nodiscard]] scoreboard& numbers() noexcept { return numbers_; }

private:
  [[nodiscard]] pid analytics_pid() const;
  [[nodiscard]] result<void> check(const like_post& what) const;
  void subscribe(web::live::view_socket& view, std::string slug,
                 std::function<void(const std::optional<post_stats>&)> now,
                 const std::shared_ptr<duration>& pause) const;

  node& home_;
  catalogue posts_;
  event_horizon_options options_;
  scoreboard numbers_;
};

/// What a visitor is told when a like was not counted, whatever the reason.
inline constexpr std::string_view like_failed_text = "Likes are not counted right now; please try again";

}  // namespace beamline::event_horizon
