#pragma once

#include "apps/event_horizon/content/feeds.hpp"
#include "apps/event_horizon/content/post.hpp"
#include "base/html.hpp"

#include <string>
#include <string_view>

/// What pages say of themselves to search engines and social networks, in their <head>.
namespace beamline::event_horizon {

/// Of a post: description, canonical address, Open Graph, JSON-LD. Without `site.url` addresses are those within the
/// site, and what needs whole ones is left out.
[[nodiscard]] safe_html post_head(const site_facts& site, const post& p);

/// Of a page that lists posts. `path` is its canonical address: `/blog`.
[[nodiscard]] safe_html list_head(const site_facts& site, std::string_view title, std::string_view path);

}  // namespace beamline::event_horizon
