#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/live/view.hpp"

#include <optional>
#include <string>

namespace beamline::event_horizon {

/// One post, at /blog/:slug: its text, a Like button and the number of likes, which follows every change.
///
/// The button sits in a form that works without a script as well (see http.hpp). It says what should be (`liked` is
/// true or false) and not "the other one", so a press that is repeated changes nothing.
class blog_show final : public web::live::view_of<blog_show, stats_updated> {
public:
  /// What the page is made of.
  struct assigns {
    const post* shown = nullptr;      // Of the catalogue. Null only while the browser is sent elsewhere.
    std::optional<post_stats> stats;  // None: not heard of yet.
    bool liked = false;               // By this visitor, as far as known.
    std::string csrf;                 // A token for the form; empty when the session brings none.
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const stats_updated& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render() const override;
  [[nodiscard]] std::string title() const override;

private:
  void learn(const post_stats& news);
  void like(bool liked, web::live::view_socket& s);

  assigns assigns_;
  const blog* blog_ = nullptr;
  std::string visitor_;
};

/// The page for these assigns.
[[nodiscard]] web::live::rendered render_blog_show(const blog_show::assigns& a, const web::live::flash_messages& flash);

}  // namespace beamline::event_horizon
