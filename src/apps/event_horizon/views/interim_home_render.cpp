#include "apps/event_horizon/views/pages.hpp"

namespace beamline::event_horizon {

namespace live = web::live;

live::rendered render_home(const std::string& site_title, const catalogue& posts) {
  static const live::statics page{{
      "<h1>",
      "</h1>\n<p class=\"lead\">A blog on a small cluster of C++ actors. Its pages are rendered on the server and stay "
      "alive in the "
      "browser: open a post in two windows, press Like in one, and watch the other.</p>\n",
      "<p><a class=\"button\" href=\"/blog\">All posts</a></p>\n",
  }};
  return live::rendered{page, site_title, render_post_list(posts, home_posts_max)};
}

}  // namespace beamline::event_horizon
