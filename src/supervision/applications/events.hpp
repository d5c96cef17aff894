#pragma once

#include "base/telemetry.hpp"

#include <string_view>

namespace beamline::supervision {

/// An application came to run, or is down again.
struct application_changed {
  static constexpr std::string_view event_name = "application.changed";
  std::string_view name;
  bool is_running = false;
  BEAMLINE_EVENT(name, is_running)
};

/// The tree of an application ended by itself.
struct application_tree_ended {
  static constexpr std::string_view event_name = "application.ended";
  std::string_view name;
  std::string_view type;
  std::string_view reason;
  bool stops_system = false;
  BEAMLINE_EVENT(name, type, reason, stops_system)
};

}  // namespace beamline::supervision
