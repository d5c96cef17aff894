#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What topics tell telemetry.
namespace beamline::pubsub {

/// A broadcast did not reach a peer: its lane was full, or the link went down at that moment.
struct broadcast_dropped {
  static constexpr std::string_view event_name = "broadcast.dropped";
  std::string_view topic;
  std::string_view node;
  std::string_view why;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(topic, node, why, total)
};

}  // namespace beamline::pubsub
