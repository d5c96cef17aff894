#include "base/result.hpp"

namespace beamline {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid: return "invalid";
    case errc::not_found: return "not_found";
    case errc::exists: return "exists";
    case errc::denied: return "denied";
    case errc::unavailable: return "unavailable";
    case errc::timeout: return "timeout";
    case errc::busy: return "busy";
    case errc::too_large: return "too_large";
    case errc::conflict: return "conflict";
    case errc::corrupt: return "corrupt";
    case errc::unsupported: return "unsupported";
    case errc::io: return "io";
    case errc::cancelled: return "cancelled";
  }
  return "unknown";
}

error error::in(std::string_view where) const& { return {code, std::string{where} + ": " + message}; }

}  // namespace beamline
