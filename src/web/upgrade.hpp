#pragma once

#include "web/origin.hpp"
#include "web/request.hpp"
#include "web/router.hpp"

#include <string>
#include <string_view>

namespace beamline::web {

/// What the server says to a request for a WebSocket before the endpoint's own hook is asked.
struct upgrade_decision {
  int status = 101;         // 400, 403, or 101 to go on.
  std::string detail;       // Why not.
  std::string subprotocol;  // To be selected in the answer; may be empty.
  std::string auth_token;   // Offered as sub-protocol `base64url.bearer.phx.…`, decoded.
};

/// Checks, in this order: GET and a proper upgrade (400), origin (403), sub-protocol (403), `vsn` (403). Pure.
[[nodiscard]] upgrade_decision decide_upgrade(const request& req, const upgrade_rules& rules,
                                              const origin_policy& origins);

/// Whether `vsn` matches `~> 2.0.0`: 2.0.x.
[[nodiscard]] bool is_supported_vsn(std::string_view vsn);

/// The whole 101 answer. No extension is ever agreed on: `permessage-deflate` is declined by silence.
[[nodiscard]] std::string upgrade_head(const request& req, std::string_view subprotocol);

}  // namespace beamline::web
