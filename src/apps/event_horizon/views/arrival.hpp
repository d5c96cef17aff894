#pragma once

#include "base/json.hpp"
#include "web/live/view.hpp"

namespace beamline::event_horizon {

/// During mount, of a connected view: whether its reader has just come to the page. A browser that comes back after a
/// lost connection, to this host or another one, says how often it had the view before.
[[nodiscard]] inline bool is_arrival(const web::live::view_socket& s) {
  return find_int(s.connect_params(), "_mounts").value_or(0) == 0;
}

}  // namespace beamline::event_horizon
