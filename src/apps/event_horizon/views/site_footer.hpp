#pragma once

#include "apps/event_horizon/messages.hpp"
#include "pubsub/presence/presence.hpp"
#include "web/live/assign.hpp"
#include "web/live/page.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace beamline::event_horizon {

/// The end of every page: the numbers of the site, as they change. A sticky view: one per window, which stays while the
/// reader goes from page to page. That makes it the right one to say that somebody is here: whoever goes on to another
/// page does not leave the site.
class site_footer final : public web::live::view_of<site_footer, site_updated, presence::count_changed> {
public:
  struct assigns {
    std::string site_title;
    web::live::assign<std::optional<site_numbers>> numbers;
    web::live::assign<std::optional<std::uint64_t>> readers;
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_info(const site_updated& m, web::live::view_socket& s);
  void handle_info(const presence::count_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;

private:
  void learn(const site_numbers& news);

  assigns assigns_;
};

/// The element around it.
[[nodiscard]] web::live::container_element site_footer_element();

}  // namespace beamline::event_horizon
