#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline {

/// A message to or from a process of another node was dropped, or a call refused, for a reason of its own: the link
/// goes on.
struct remote_message_dropped {
  static constexpr std::string_view event_name = "remote.message_dropped";
  std::string_view peer;
  std::string_view message;  // Its name on the wire, or what kind of signal it was.
  std::string_view why;
  std::uint64_t total = 0;  // Over this link so far.
  BEAMLINE_EVENT(peer, message, why, total)
};

/// A call of another node was not begun: by then its caller waited no more (D86).
struct remote_call_overdue {
  static constexpr std::string_view event_name = "remote.call_overdue";
  std::string_view peer;
  std::uint64_t callee = 0;
  std::uint64_t total = 0;  // Over this link so far.
  BEAMLINE_EVENT(peer, callee, total)
};

}  // namespace beamline
