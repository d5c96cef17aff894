#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

/// What connected views tell telemetry; crashes: view_crash.hpp.
namespace beamline::web::live {

/// A view was mounted and its page sent.
struct view_mounted {
  static constexpr std::string_view event_name = "live.mount";
  std::string_view view;
  duration took{};
  BEAMLINE_EVENT(view, took)
};

/// A view has handled one event of its browser.
struct view_event_handled {
  static constexpr std::string_view event_name = "live.event";
  std::string_view view;
  std::string_view event;
  duration took{};
  BEAMLINE_EVENT(view, event, took)
};

/// More events and stream changes wait than a browser that does not read may have. Its view is ended, with phx_error:
/// it mounts the view anew when it reads again.
struct view_overrun {
  static constexpr std::string_view event_name = "live.overrun";
  std::string_view view;
  std::uint64_t pending = 0;  // Events.
  std::uint64_t octets = 0;   // Of events and stream changes, about.
  BEAMLINE_EVENT(view, pending, octets)
};

}  // namespace beamline::web::live
