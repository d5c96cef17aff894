#include "apps/event_horizon/views/pages.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace live = web::live;

live::rendered render_post_list(const catalogue& posts, std::size_t posts_max) {
  // The role stays: some screen readers take a list without bullets for none.
  static const live::statics list{{"<ul class=\"posts\" role=\"list\">\n", "</ul>\n"}};
  static const live::statics none{{"<p>There are no posts yet.</p>\n"}};
  static const live::statics item{
      {"<li><h2><a href=\"/blog/", "\">", "</a></h2>\n<p>", "</p>\n<p><time datetime=\"", "\">", "</time></p></li>\n"}};
  const auto& all = posts.posts();
  if (all.empty())
    return live::rendered{none};
  auto items = live::comprehension{item};
  for (std::size_t i = 0; i < std::min(all.size(), posts_max); ++i)
    items.add_keyed(all[i].slug, all[i].slug, all[i].title, all[i].summary, iso_date(all[i].date),
                    long_date(all[i].date));
  return live::rendered{list, std::move(items)};
}

live::rendered render_blog_index(const catalogue& posts) {
  static const live::statics page{{"<h1>Blog</h1>\n", ""}};
  return live::rendered{page, render_post_list(posts, posts.posts().size())};
}

}  // namespace beamline::event_horizon
