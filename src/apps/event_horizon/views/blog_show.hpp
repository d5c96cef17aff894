#pragma once

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// A shorter text needs no table of contents.
inline constexpr std::size_t toc_shown_min = 3;

/// One post, at /blog/:slug: its text, what stands before and after it, a Like button and the number of likes, which
/// follows every change, as the text does when its file is saved.
///
/// The button sits in a form that works without a script as well (see http.hpp). It says what should be (`liked` is
/// true or false) and not "the other one", so a press that is repeated changes nothing.
class blog_show final : public web::live::view_of<blog_show, stats_updated, posts_changed> {
public:
  /// What the page is made of.
  struct assigns {
    web::live::assign<post_ref> shown;  // Null only while the browser is sent elsewhere.
    web::live::assign<library::neighbours> around;
    web::live::assign<std::vector<post_ref>> related;
    web::live::assign<std::optional<post_stats>> stats;  // None: not heard of yet.
    web::live::assign<bool> liked{false};                // By this visitor, as far as known.
    web::live::assign<std::string> csrf;                 // A token for the form; empty when the session brings none.
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const stats_updated& m, web::live::view_socket& s);
  void handle_info(const posts_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  void show(const std::string& slug);
  void learn(const post_stats& news);
  void like(bool liked, web::live::view_socket& s);

  assigns assigns_;
  const blog* blog_ = nullptr;
  std::string visitor_;
};

}  // namespace beamline::event_horizon
