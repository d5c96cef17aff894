#include "apps/event_horizon/views/pages.hpp"

#include "apps/event_horizon/views/pages.heex.hpp"

#include <algorithm>
#include <span>

namespace beamline::event_horizon {

live::rendered render_home(const std::string& site_title, const library& posts) {
  auto attrs = home_attrs{};
  attrs.site_title = site_title;
  attrs.posts = std::span{posts.posts()}.first(std::min(posts.posts().size(), home_posts_max));
  // A page that no view is behind.
  auto scope = live::render_scope{.is_connected = false};
  auto context = live::render_context{scope, 0, nullptr};
  return home(attrs, context);
}

}  // namespace beamline::event_horizon
