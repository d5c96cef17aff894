#pragma once

#include "apps/event_horizon/content/library.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What programs read of the blog. All functions are pure.
namespace beamline::event_horizon {

// Posts in a feed: the newest.
inline constexpr std::size_t feed_posts_max = 20;
// Addresses of a site map, as its specification has it; older posts are left out.
inline constexpr std::size_t sitemap_urls_max = 50'000;

struct site_facts {
  std::string title;
  std::string url;            // `https://blog.example`, without a slash at the end.
  std::string description{};  // What it is; may be empty, as the author may.
  std::string language = "en";
  std::string author{};
};

/// Atom (RFC 4287) with the whole texts.
[[nodiscard]] std::string atom_feed(const site_facts& site, const library& posts);
/// RSS 2.0 with the descriptions.
[[nodiscard]] std::string rss_feed(const site_facts& site, const library& posts);
[[nodiscard]] std::string sitemap(const site_facts& site, const library& posts);
[[nodiscard]] std::string robots_txt(const site_facts& site);

/// `https://blog.example/blog/hello`, of a path of this site; absolute addresses stay.
[[nodiscard]] std::string absolute_url(const site_facts& site, std::string_view path);

}  // namespace beamline::event_horizon
