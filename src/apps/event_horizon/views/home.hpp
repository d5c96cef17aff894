#pragma once

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "pubsub/presence/presence.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// The home page shows this many posts, the newest.
inline constexpr std::size_t home_posts_max = 5;

/// The home page: what this site is, its numbers as they change, its newest posts. A reader who has connected is
/// counted as a visit of the page `home`.
class home final : public web::live::view_of<home, site_updated, presence::count_changed, posts_changed> {
public:
  struct assigns {
    std::string site_title;
    std::string description;  // Of the site.
    web::live::assign<std::optional<site_numbers>> numbers;
    web::live::assign<std::optional<std::uint64_t>> readers;
    web::live::assign<std::vector<post_ref>> posts;
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_info(const site_updated& m, web::live::view_socket& s);
  void handle_info(const presence::count_changed& m, web::live::view_socket& s);
  void handle_info(const posts_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  void show_posts();
  void learn(const site_numbers& news);

  assigns assigns_;
  const blog* blog_ = nullptr;
};

}  // namespace beamline::event_horizon
