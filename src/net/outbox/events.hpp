#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What an outbox tells telemetry.
namespace beamline::net::outbox {

/// The outbox has changed. The reference calls it the cluster's `buffer` event.
struct buffer_changed {
  static constexpr std::string_view event_name = "event_horizon.cluster.buffer";
  std::string_view action;  // `loaded`, `accepted`, `applied`, `rejected`, `refused`, `dropped`, `syncing`, `idle`, ...
  std::uint64_t count = 0;  // Events that it happened to.
  std::uint64_t size = 0;   // Entries that wait now ...
  std::uint64_t octets = 0;
  std::uint64_t dead = 0;   // ... and dead letters.
  std::string_view status;  // `idle` or `syncing`.
  BEAMLINE_EVENT(action, count, size, octets, dead, status)
};

/// From here on nobody may lose it: whoever made it is told in the same turn.
struct event_accepted {
  static constexpr std::string_view event_name = "outbox.accepted";
  std::string_view id;  // Of the entry that it is part of.
  std::string_view type;
  std::string_view key;
  BEAMLINE_EVENT(id, type, key)
};

/// Its target has answered for it: `applied`, `duplicate` or `rejected`; or it had to make room: `dropped`.
struct event_settled {
  static constexpr std::string_view event_name = "outbox.settled";
  std::string_view id;
  std::string_view type;
  std::string_view key;
  std::string_view how;
  BEAMLINE_EVENT(id, type, key, how)
};

/// A batch was sent and answered, or not.
struct batch_done {
  static constexpr std::string_view event_name = "outbox.batch";
  std::string_view target;
  std::string_view way;  // `direct` or `drain`.
  std::uint64_t events = 0;
  std::string_view outcome;  // `ok`, or why it failed, as of rpc; `retry`.
  duration took{};
  BEAMLINE_EVENT(target, way, events, outcome, took)
};

}  // namespace beamline::net::outbox
