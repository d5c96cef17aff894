#pragma once

#include "apps/event_horizon/content/library.hpp"
#include "web/live/rendered.hpp"

#include <cstddef>
#include <string>

/// The pages that are no live views: made for each request, complete with the first answer.
namespace beamline::event_horizon {

// The home page shows this many posts, the newest.
inline constexpr std::size_t home_posts_max = 3;

/// /: what this site is, and its newest posts.
[[nodiscard]] web::live::rendered render_home(const std::string& site_title, const library& posts);

}  // namespace beamline::event_horizon
