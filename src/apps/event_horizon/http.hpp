#pragma once

#include "apps/event_horizon/facade.hpp"
#include "base/token.hpp"
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
  const token_signer* signer = nullptr;  // For words to the visitor on the next page; null: there are none.
};

/// What is no live view, and what works without a script:
///
///   GET  /feed.xml, /rss.xml      the newest posts as Atom and as RSS
///   GET  /sitemap.xml             all posts, for search engines
///   GET  /robots.txt              what they may look at
///   POST /blog/:slug/like         see http_forms.hpp
///   POST /blog/:slug/comments     the same
///   GET  /api/blog/:slug/stats    {"comments":2,"likes":4,"slug":"hello","version":7,"visits":31}; null for what was
///                                 not heard of yet
///
/// Unknown posts are 404. The pages themselves are live views, registered beside these.
void add_routes(web::router& routes, const http_parts& parts);

[[nodiscard]] web::response no_such_post(const web::request& req);

}  // namespace beamline::event_horizon
