#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/live/assign.hpp"
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
    web::live::assign<const post*> shown{nullptr};  // Of the catalogue. Null only while the browser is sent elsewhere.
    web::live::assign<std::optional<post_stats>> stats;  // None: not heard of yet.
    web::live::assign<bool> liked{false};                // By this visitor, as far as known.
    web::live::assign<std::string> csrf;                 // A token for the form; empty when the session brings none.
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const stats_updated& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void learn(const post_stats& news);
  void like(bool liked, web::live::view_socket& s);

  assigns assigns_;
  const blog* blog_ = nullptr;
  std::string visitor_;
};

}  // namespace beamline::event_horizon
