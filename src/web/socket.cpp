#include "web/socket.hpp"

namespace beamline::web {

std::string_view to_string(close_reason::kind k) noexcept {
  switch (k) {
    case close_reason::kind::peer: return "peer";
    case close_reason::kind::server: return "server";
    case close_reason::kind::violation: return "violation";
    case close_reason::kind::idle: return "idle";
    case close_reason::kind::slow: return "slow";
  }
  return "unknown";
}

}  // namespace beamline::web
