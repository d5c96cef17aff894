#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/live/rendered.hpp"
#include "web/live/view.hpp"

#include <memory>
#include <string>
#include <utility>

namespace beamline::event_horizon {

/// A page of the site: any live view, with the header above it, inside the one `main`, and with the site's numbers
/// below it. To the page it makes no difference; it is rendered as one part of this view.
///
/// The frame belongs to the view rather than to the document around it, so it follows live navigation: the entry of the
/// page is marked in the header, and the view at its end is the same one on all pages, which is why it stays.
class framed final : public web::live::view {
public:
  /// `section`: the entry of the navigation that the page belongs to, `/blog`; empty: none.
  framed(std::unique_ptr<web::live::view> page, std::string section);

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_params(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  bool handle_message(const caf::type_erased_tuple& content, web::live::view_socket& s) override;
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;
  void terminate(const reason& why) override;

private:
  std::unique_ptr<web::live::view> page_;
  std::string section_;
  std::string site_title_;
};

/// Makes the page within its frame, for a route.
template <class Page>
[[nodiscard]] web::live::view_factory in_frame(std::string section) {
  return [section = std::move(section)] { return std::make_unique<framed>(std::make_unique<Page>(), section); };
}

/// The same around a page that no view is behind: its footer has the numbers of this moment.
[[nodiscard]] web::live::rendered frame_around(const blog& of, const std::string& section,
                                               const web::live::rendered& content);

}  // namespace beamline::event_horizon
