#include "actors/reason.hpp"

namespace beamline {

std::string_view to_string(reason::kind why) noexcept {
  switch (why) {
    case reason::kind::normal: return "normal";
    case reason::kind::shutdown: return "shutdown";
    case reason::kind::killed: return "killed";
    case reason::kind::noproc: return "noproc";
    case reason::kind::noconnection: return "noconnection";
    case reason::kind::crashed: return "crashed";
    case reason::kind::custom: return "custom";
    case reason::kind::kill: return "kill";
  }
  return "unknown";
}

std::string to_string(const reason& r) {
  std::string out{to_string(r.why)};
  if (!r.text.empty())
    out += ": " + r.text;
  return out;
}

std::string_view to_string(call_error::kind what) noexcept {
  switch (what) {
    case call_error::kind::timeout: return "timeout";
    case call_error::kind::noproc: return "noproc";
    case call_error::kind::noconnection: return "noconnection";
    case call_error::kind::busy: return "busy";
    case call_error::kind::crashed: return "crashed";
  }
  return "unknown";
}

std::string to_string(const call_error& e) {
  std::string out{to_string(e.what)};
  if (e.what == call_error::kind::crashed)
    out += " (" + to_string(e.why) + ")";
  return out;
}

}  // namespace beamline
