#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What PubSub tells telemetry.
namespace beamline::pubsub {

/// A broadcast was not taken by the link to a peer, which went down at that moment. What a full lane drops later is
/// told by the link: net.lane_overflow.
struct broadcast_dropped {
  static constexpr std::string_view event_name = "broadcast.dropped";
  std::string_view topic;
  std::string_view node;
  std::string_view why;
  std::uint64_t total = 0;  // By this system so far.
  BEAMLINE_EVENT(topic, node, why, total)
};

/// A peer is told nothing by a system of this node, since it runs none of that name (`what` is `name`); or its pool
/// differs, which changes nothing (`pool_size`). Told once per link (D105).
struct system_mismatch {
  static constexpr std::string_view event_name = "pubsub.mismatch";
  std::string_view system;
  std::string_view node;
  std::string_view what;
  std::uint64_t here = 0;  // Pool sizes; 0: there is no such system.
  std::uint64_t there = 0;
  BEAMLINE_EVENT(system, node, what, here, there)
};

/// The full mailbox of a subscriber refused a message.
struct subscriber_overflow {
  static constexpr std::string_view event_name = "pubsub.overflow";
  std::string_view system;
  std::string_view topic;
  std::uint64_t process = 0;
  std::string_view policy;  // `drop` or `disconnect`.
  std::uint64_t total = 0;  // In this system so far.
  BEAMLINE_EVENT(system, topic, process, policy, total)
};

/// A dispatcher threw; who it had not reached missed the message.
struct dispatch_failed {
  static constexpr std::string_view event_name = "pubsub.dispatch_failed";
  std::string_view system;
  std::string_view topic;
  std::string_view dispatcher;
  std::string_view what;
  BEAMLINE_EVENT(system, topic, dispatcher, what)
};

/// What a peer broadcast was dropped here: `unreadable`, or `worker_full`.
struct remote_dropped {
  static constexpr std::string_view event_name = "pubsub.remote_dropped";
  std::string_view system;
  std::string_view node;
  std::string_view why;
  std::string_view detail;
  BEAMLINE_EVENT(system, node, why, detail)
};

/// Last values were forgotten, or not kept, since there are too many.
struct values_evicted {
  static constexpr std::string_view event_name = "pubsub.values_evicted";
  std::string_view system;
  std::uint64_t count = 0;
  BEAMLINE_EVENT(system, count)
};

}  // namespace beamline::pubsub
