#include "net/discovery/note.hpp"

namespace beamline::net {

std::string_view word_of(connect_outcome::kind k) noexcept {
  switch (k) {
    case connect_outcome::kind::connected: return "connected";
    case connect_outcome::kind::already: return "already";
    case connect_outcome::kind::self: return "self";
    case connect_outcome::kind::unreachable: return "unreachable";
    case connect_outcome::kind::refused: return "refused";
    case connect_outcome::kind::unproven: return "unproven";
    case connect_outcome::kind::unacceptable: return "unacceptable";
    case connect_outcome::kind::insecure: return "insecure";
    case connect_outcome::kind::stopped: return "stopped";
  }
  return "unknown";
}

}  // namespace beamline::net
