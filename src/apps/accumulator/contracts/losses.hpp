#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What is told of events on the best-effort path that did not get into the tables.
namespace beamline::accumulator {

/// Told by whoever knows of it, each lost event by one node: the host for what it published to nobody, the accumulator
/// for the rest.
struct events_lost {
  static constexpr std::string_view event_name = "analytics.lost";
  // "disconnected": no accumulator was linked; "gap": never came; "busy", ...: as of `errc`; "rejected".
  std::string_view why;
  std::uint64_t count = 0;
  BEAMLINE_EVENT(why, count)
};

}  // namespace beamline::accumulator
