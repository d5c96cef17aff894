#pragma once

#include "actors/node.hpp"
#include "apps/event_horizon/catalogue.hpp"
#include "apps/event_horizon/discussion_board.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/options.hpp"
#include "apps/event_horizon/scoreboard.hpp"
#include "apps/event_horizon/visit_losses.hpp"
#include "base/time.hpp"
#include "web/live/view.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

// The names under which the processes of the blog are found on their node.
inline constexpr std::string_view analytics_name = "event_horizon.analytics";
inline constexpr std::string_view submissions_name = "event_horizon.submissions";
inline constexpr std::string_view discussions_name = "event_horizon.discussions";
inline constexpr std::string_view backlog_name = "event_horizon.backlog";

// A first render waits so long at most for numbers that nobody has told yet.
inline constexpr duration first_render_wait = std::chrono::milliseconds{200};

/// The page whose visits are counted besides those of posts.
inline constexpr std::string_view home_page_name = "home";

/// The blog as its pages and handlers see it: `env().get<event_horizon::blog>()`.
///
///   main:  blog b{node, *catalogue::load(dir), options};  node.env().provide(b);
///          application::analytics_child(): the processes behind it
///
/// Made before the node's processes and kept until they are gone. Thread-safe; nothing here blocks.
///
/// What a visitor does has four outcomes: it is counted; it waits in the node's outbox and will be (`is_waiting`); it
/// was broadcast, where the configuration says so, and counts if it arrives (`is_sent`); or it is refused, with one of
/// these codes:
///
///   invalid      never can count; of a comment the message is for the visitor, beside the form
///   not_found    there is no such post
///   busy         more than one visitor, or one address, may do; the message is for the visitor, who is to try again
///                in a minute
///   too_large    the post holds as many comments as it may; the message is for the visitor
///   unavailable  it can neither be counted nor kept now; trying again later is safe
class blog {
public:
  blog(node& home, catalogue posts, event_horizon_options o);
  blog(const blog&) = delete;
  blog& operator=(const blog&) = delete;

  [[nodiscard]] const catalogue& posts() const noexcept { return posts_; }
  [[nodiscard]] const event_horizon_options& options() const noexcept { return options_; }

  // -- what is known; null or nothing until it was heard of once ---------------------------------------

  /// Nothing as well for unknown posts.
  [[nodiscard]] std::optional<post_stats> stats(std::string_view slug) const { return numbers_.stats(slug); }
  [[nodiscard]] std::optional<site_numbers> site() const { return numbers_.site(); }
  /// Of posts that are read, and those that were lately.
  [[nodiscard]] discussion_ref discussion(std::string_view slug) const { return discussions_.get(slug); }
  [[nodiscard]] waiting_state waiting() const { return numbers_.waiting(); }
  /// Whether the visitor likes the post, as far as this node knows: it remembers what it was told last.
  [[nodiscard]] bool has_liked(std::string_view slug, std::string_view visitor) const {
    return numbers_.has_liked(slug, visitor);
  }

  // -- hearing of changes: until the view ends -----------------------------------------------------------
  //
  // `now` is called with what is known once the process that tells was reached, so that nothing is missed in between;
  // and once more for each successor of it that was reached. It is asked again with growing pauses while it is away;
  // when it has too many subscribers the view stays without.

  /// The view is cast `stats_updated` of the post.
  void subscribe(web::live::view_socket& view, std::string slug,
                 std::function<void(const std::optional<post_stats>&)> now) const;
  /// The view is cast `site_updated`.
  void subscribe_site(web::live::view_socket& view, std::function<void(const std::optional<site_numbers>&)> now) const;
  /// The view is cast `discussion_updated` of the post, whose comments are read if they are not known.
  void watch_discussion(web::live::view_socket& view, std::string slug,
                        std::function<void(const discussion_ref&)> now) const;
  /// The view is cast `waiting_updated`.
  void watch_waiting(web::live::view_socket& view, std::function<void(const waiting_state&)> now) const;

  /// Whether the visitor likes the post, as the accumulator has it, or as this node is going to tell it. Nothing: it
  /// could not be found out.
  void ask_liked(web::live::view_socket& view, const std::string& slug, const std::string& visitor,
                 std::function<void(const std::optional<bool>&)> done) const;

  /// For first renders: calls `done` once, when the numbers of the site, and the numbers and comments of the post, are
  /// known, or when there is nobody to ask, and at the latest after `at_most`. At once if they are known already. On
  /// the caller's thread or another one. Empty slug, or one of no post: only those of the site.
  void prepare(std::string_view slug, duration at_most, std::function<void()> done) const;

  // -- what visitors do; `done` is called once -------------------------------------------------------------

  void like(web::live::view_socket& view, like_post what, std::function<void(const result<like_answer>&)> done) const;
  void comment(web::live::view_socket& view, comment_post what,
               std::function<void(const result<comment_answer>&)> done) const;
  /// The same for those that are no view; on the caller's thread or in a process of the node.
  void like(like_post what, std::function<void(const result<like_answer>&)> done) const;
  void comment(comment_post what, std::function<void(const result<comment_answer>&)> done) const;

  /// Counts a visit of the post, or of a page. Nobody is told what becomes of it; what can never be is not sent, and
  /// what is lost on the way is told by `lose_visit`.
  void visit(const std::string& slug, const std::string& visitor) const;
  void visit_page(const std::string& page, const std::string& visitor) const;

  // -- for the processes behind it, which keep them up to date ---------------------------------------------

  [[nodiscard]] scoreboard& numbers() noexcept { return numbers_; }
  [[nodiscard]] discussion_board& discussions() noexcept { return discussions_; }
  /// A visit is not counted: see visit_losses.hpp.
  void lose_visit(std::string_view of, std::string_view why) const;

private:
  [[nodiscard]] pid process(std::string_view name) const;
  [[nodiscard]] bool is_running(std::string_view name) const;
  [[nodiscard]] result<void> check_visitor(std::string_view slug, std::string_view visitor) const;
  [[nodiscard]] result<comment_post> check(comment_post what) const;

  node& home_;
  catalogue posts_;
  event_horizon_options options_;
  scoreboard numbers_;
  discussion_board discussions_;
  mutable visit_losses losses_;  // Thread-safe.
};

/// What a visitor is told when a like was refused, whatever the reason.
inline constexpr std::string_view like_failed_text = "Likes are not counted right now; please try again";
/// What one is told who does too much at once.
inline constexpr std::string_view too_many_text = "That was a lot in a short time; please try again in a minute";
/// What one is told who writes where so many have written that nobody can any more.
inline constexpr std::string_view comments_full_text =
    "This post has as many comments as it can hold; it takes no more";
/// What one is told at whose address too much is done at once.
inline constexpr std::string_view too_many_at_address_text =
    "A lot has come from your network in a short time; please try again in a minute";
/// What one is told whose comment was refused for a reason of ours.
inline constexpr std::string_view comment_failed_text = "Comments cannot be taken right now; please try again";

}  // namespace beamline::event_horizon
