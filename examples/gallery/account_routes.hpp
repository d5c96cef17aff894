#pragma once

#include "base/random.hpp"
#include "gallery/logins.hpp"
#include "web/live/endpoint.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

namespace gallery {

/// What logging in and out needs. All of it outlives the server.
struct account_parts {
  const beamline::web::session_codec& sessions;
  const beamline::web::origin_policy& origins;
  logins& ended;
  beamline::web::live::endpoint& live;
  beamline::random_source& random;
};

/// POST /account/login and /account/logout. A cookie can only be set by an answer to a request, so these are plain
/// forms; they work without scripts, too.
void add_account_routes(beamline::web::router& routes, const account_parts& p);

}  // namespace gallery
