#pragma once

#include "apps/event_horizon/http.hpp"
#include "web/router.hpp"

namespace beamline::event_horizon {

/// What visitors can do without a script. Both need the session's CSRF token (403), and lead back to the post (303)
/// when the event counts or waits in the outbox.
///
///   POST /blog/:slug/like        field `liked`: true or false; missing is true
///   POST /blog/:slug/comments    fields `content`, `author` (may be empty), `parent` (the id of the comment that is
///                                answered; may be empty). What becomes of a comment that waits, or that somebody has
///                                to look at, is said on the next page
///
/// 400 for what can never count, with what to change; 404; 429 with Retry-After beyond the visitor's limit; 503 with
/// Retry-After when it can neither be counted nor kept.
void add_forms(web::router& routes, const http_parts& parts);

}  // namespace beamline::event_horizon
