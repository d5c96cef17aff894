#include "apps/event_horizon/views/pages.hpp"

#include "apps/event_horizon/views/pages.heex.hpp"

#include <algorithm>
#include <span>

namespace beamline::event_horizon {

namespace {

/// Renders a component as a page that no view is behind.
template <class Attrs>
live::rendered render_alone(live::rendered (*component)(const Attrs&, live::render_context&), const Attrs& attrs) {
  auto scope = live::render_scope{.is_connected = false};
  auto context = live::render_context{scope, 0, nullptr};
  return component(attrs, context);
}

std::span<const post> newest(const catalogue& posts, std::size_t posts_max) {
  return std::span{posts.posts()}.first(std::min(posts.posts().size(), posts_max));
}

}  // namespace

live::rendered render_home(const std::string& site_title, const catalogue& posts) {
  auto attrs = home_attrs{};
  attrs.site_title = site_title;
  attrs.posts = newest(posts, home_posts_max);
  return render_alone(home, attrs);
}

live::rendered render_blog_index(const catalogue& posts) {
  auto attrs = blog_index_attrs{};
  attrs.posts = posts.posts();
  return render_alone(blog_index, attrs);
}

live::rendered render_post_list(const catalogue& posts, std::size_t posts_max) {
  auto attrs = post_list_attrs{};
  attrs.posts = newest(posts, posts_max);
  return render_alone(post_list, attrs);
}

}  // namespace beamline::event_horizon
