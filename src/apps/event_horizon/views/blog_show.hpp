#pragma once

#include "apps/event_horizon/attendance.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/views/comment_draft.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "web/live/assign.hpp"
#include "web/live/presence_count.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// A shorter text needs no table of contents.
inline constexpr std::size_t toc_shown_min = 3;
// Events that wait for less are not worth a word: a visit waits for its batch.
inline constexpr duration waiting_shown_after = std::chrono::seconds{1};

/// One post, at /blog/:slug: its text, what stands before and after it, its numbers, who is reading, a Like button and
/// the discussion. All of it follows every change, as the text does when its file is saved.
///
/// Like and comments are forms that work without a script as well (see http.hpp). The button says what should be
/// (`liked` is true or false) and not "the other one", so a press that is repeated changes nothing. ?reply=<id> opens
/// the form below that thread: the address says so, hence it is open again after a reconnect, and the client fills it
/// in again with what was typed.
///
/// Only a connected mount subscribes, is counted as a reader and counts a visit; the visit only when the reader comes,
/// not when the browser comes back.
class blog_show final : public web::live::view_of<blog_show, stats_updated, discussion_updated, waiting_updated,
                                                  posts_changed, presence::count_changed> {
public:
  /// What the page is made of.
  struct assigns {
    web::live::assign<post_ref> shown;  // Null only while the browser is sent elsewhere.
    web::live::assign<library::neighbours> around;
    web::live::assign<std::vector<post_ref>> related;
    web::live::assign<std::optional<post_stats>> stats;  // None: not heard of yet.
    web::live::assign<bool> liked{false};                // By this visitor, as far as known.
    web::live::assign<bool> like_waits{false};           // For the accumulator to count it.
    web::live::assign<std::uint64_t> readers{0};         // On all hosts, this one included; 0: not heard of yet.
    web::live::assign<waiting_state> waiting;            // What the page says of it, which is a little later.
    web::live::assign<discussion_ref> talk;              // Null: not heard of yet.
    web::live::assign<std::vector<own_comment>> own;     // Oldest first.
    web::live::assign<std::string> news;                 // The last comment that came, for screen readers.
    web::live::assign<comment_draft> draft;              // Begins a thread.
    web::live::assign<comment_draft> answer;             // In the thread ...
    web::live::assign<uid> replying;                     // ... of this comment; nil: in none.
    web::live::assign<std::string> csrf;                 // A token for the forms; empty when the session brings none.
    std::size_t bytes_max = 4000;                        // Of a comment.
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_params(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const stats_updated& m, web::live::view_socket& s);
  void handle_info(const discussion_updated& m, web::live::view_socket& s);
  void handle_info(const waiting_updated& m, web::live::view_socket& s);
  void handle_info(const posts_changed& m, web::live::view_socket& s);
  void handle_info(const presence::count_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  enum class question : std::uint8_t { open, asked_early, asked };

  [[nodiscard]] const std::string& slug() const { return assigns_.shown.get()->slug; }
  void show(const std::string& slug);
  void listen(web::live::view_socket& s);
  void learn(const post_stats& news);
  void learn(const waiting_state& now, web::live::view_socket& s);
  void like(bool liked, web::live::view_socket& s);
  /// Asks whether the visitor likes the post, once for each time that an accumulator comes.
  void find_liked(const waiting_state& now, web::live::view_socket& s);

  // blog_show_comments.cpp
  void learn(const discussion_ref& now);
  void write(const web::live::event& e);
  void send(const web::live::event& e, web::live::view_socket& s);
  void take(const comment_post& what, const comment_answer& answer, web::live::view_socket& s);
  void open_answer(const uid& thread);
  void keep_own(own_comment c);
  void drop_arrived();
  void note_sent();
  [[nodiscard]] web::live::assign<comment_draft>& box_of(const uid& parent);

  assigns assigns_;
  const blog* blog_ = nullptr;
  std::string visitor_;
  std::string client_;     // The address of the browser.
  std::string author_;     // The name under which this reader wrote last.
  waiting_state waiting_;  // As last heard of.
  bool is_waiting_looked_at_ = false;
  question liked_question_ = question::open;
  std::size_t presses_ = 0;  // Of the button.
};

/// What the page says about events that wait: nothing when all is well.
[[nodiscard]] std::string waiting_text(const waiting_state& w);

}  // namespace beamline::event_horizon
