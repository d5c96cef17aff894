#pragma once

#include "actors/node.hpp"
#include "base/token.hpp"
#include "web/live/endpoint.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

namespace beamline::interop {

/// The live views of this folder, with keys and sessions of their own. Must outlive the server of the routes.
class live_pages {
public:
  /// `home` must outlive it.
  explicit live_pages(node& home);

  /// The pages, and their socket at /live/websocket.
  void add_to(web::router& routes);

private:
  keyring keys_ = keyring::parse("0123456789abcdef0123456789abcdef").value();  // Guards nothing but tests.
  token_signer signer_;
  web::session_codec sessions_{signer_, {}};
  web::live::endpoint live_;
};

}  // namespace beamline::interop
