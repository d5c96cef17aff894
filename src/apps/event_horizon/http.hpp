#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/assets.hpp"
#include "web/origin.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

namespace beamline::event_horizon {

/// What the handlers borrow; all of it must outlive the server.
struct http_parts {
  const blog& of;
  const web::asset_store& assets;
  const web::session_codec& sessions;
  const web::origin_policy& origins;
};

/// The pages that are no live views, and what works without a script:
///
///   GET  /                        the home page
///   GET  /feed.xml, /rss.xml      the newest posts as Atom and as RSS
///   GET  /sitemap.xml             all posts, for search engines
///   GET  /robots.txt              what they may look at
///   POST /blog/:slug/like         form field `liked` (true or false; missing is true); 303 back to the post,
///                                 503 when it was not counted. Needs the session's CSRF token.
///   GET  /api/blog/:slug/stats    {"slug":"hello","likes":4,"version":7}; null for what was not heard of yet
///
/// Unknown posts are 404. The posts themselves, GET /blog/:slug, and all of them, GET /blog, are the live views
/// `blog_show` and `blog_index`, registered beside these.
void add_routes(web::router& routes, const http_parts& parts);

/// For the route of `blog_show`: answers 404 when there is no post `:slug`, so that the view need not.
[[nodiscard]] web::middleware require_post(const blog& of);

}  // namespace beamline::event_horizon
