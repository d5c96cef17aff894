#pragma once

#include "apps/event_horizon/catalogue.hpp"
#include "web/live/rendered.hpp"

#include <string>

/// The pages that are no live views: made once per request, complete with the first answer.
namespace beamline::event_horizon {

// The home page shows this many posts, the newest; the index shows all.
inline constexpr std::size_t home_posts_max = 3;

/// /: what this site is, and its newest posts.
[[nodiscard]] web::live::rendered render_home(const std::string& site_title, const catalogue& posts);

/// /blog: all posts, newest first.
[[nodiscard]] web::live::rendered render_blog_index(const catalogue& posts);

/// The first `posts_max` posts as a list, for both.
[[nodiscard]] web::live::rendered render_post_list(const catalogue& posts, std::size_t posts_max);

}  // namespace beamline::event_horizon
