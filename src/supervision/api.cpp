#include "supervision/api.hpp"

namespace beamline::supervision {

std::string_view to_string(child_error::kind k) noexcept {
  switch (k) {
    case child_error::kind::already_started: return "already_started";
    case child_error::kind::already_present: return "already_present";
    case child_error::kind::running: return "running";
    case child_error::kind::restarting: return "restarting";
    case child_error::kind::not_found: return "not_found";
    case child_error::kind::max_children: return "max_children";
    case child_error::kind::invalid_spec: return "invalid_spec";
    case child_error::kind::start_failed: return "start_failed";
    case child_error::kind::would_deadlock: return "would_deadlock";
    case child_error::kind::stopping: return "stopping";
    case child_error::kind::busy: return "busy";
    case child_error::kind::unsupported: return "unsupported";
  }
  return "unknown";
}

std::string to_string(const child_error& e) {
  std::string text{to_string(e.what)};
  if (!e.detail.empty())
    text += ": " + e.detail;
  if (e.who)
    text += " " + beamline::to_string(e.who);
  if (e.what == child_error::kind::start_failed)
    text += ": " + beamline::to_string(e.why);
  return text;
}

std::string_view to_string(slot_state s) noexcept {
  switch (s) {
    case slot_state::starting: return "starting";
    case slot_state::running: return "running";
    case slot_state::stopping: return "stopping";
    case slot_state::restarting: return "restarting";
    case slot_state::stopped: return "stopped";
  }
  return "unknown";
}

}  // namespace beamline::supervision
