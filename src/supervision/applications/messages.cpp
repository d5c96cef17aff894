#include "supervision/applications/messages.hpp"

namespace beamline::supervision {

std::string_view to_string(application_type t) noexcept {
  switch (t) {
    case application_type::permanent: return "permanent";
    case application_type::transient: return "transient";
    case application_type::temporary: return "temporary";
  }
  return "unknown";
}

std::string_view to_string(application_state s) noexcept {
  switch (s) {
    case application_state::loaded: return "loaded";
    case application_state::starting: return "starting";
    case application_state::running: return "running";
    case application_state::stopping: return "stopping";
  }
  return "unknown";
}

std::string_view to_string(application_error::kind k) noexcept {
  switch (k) {
    case application_error::kind::not_found: return "not_found";
    case application_error::kind::already_loaded: return "already_loaded";
    case application_error::kind::already_started: return "already_started";
    case application_error::kind::not_started: return "not_started";
    case application_error::kind::still_running: return "still_running";
    case application_error::kind::cycle: return "cycle";
    case application_error::kind::invalid: return "invalid";
    case application_error::kind::start_failed: return "start_failed";
    case application_error::kind::stopping: return "stopping";
    case application_error::kind::busy: return "busy";
  }
  return "unknown";
}

std::string to_string(const application_error& e) {
  auto quoted = [](const std::string& name) { return "\"" + name + "\""; };
  auto it = "application " + quoted(e.application);
  switch (e.what) {
    case application_error::kind::not_found:
      if (!e.other.empty())
        return it + " depends on " + quoted(e.other) + ", which is not loaded; load it or remove the dependency";
      return it + " is not loaded; load it before";
    case application_error::kind::already_loaded: return it + " is loaded already";
    case application_error::kind::already_started: return it + " is started already";
    case application_error::kind::not_started:
      if (!e.other.empty())
        return it + " depends on " + quoted(e.other) + ", which is not started; start it before, or ensure both";
      return it + " is not started";
    case application_error::kind::still_running: return it + " runs; stop it before";
    case application_error::kind::cycle:
      return it + " depends on itself: " + e.detail + "; remove one of these dependencies";
    case application_error::kind::invalid: return it + " cannot be loaded: " + e.detail;
    case application_error::kind::start_failed:
      return it + " did not start: " + (e.detail.empty() ? "" : e.detail + ": ") + to_string(e.why);
    case application_error::kind::stopping: return it + " is not started any more: the node stops";
    case application_error::kind::busy: return it + ": " + e.detail;
  }
  return it;
}

}  // namespace beamline::supervision
