#pragma once

#include "base/telemetry.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What trackers tell telemetry.
namespace beamline::presence {

/// What is listed on this node has changed.
struct tracker_changed {
  static constexpr std::string_view event_name = "presence.changed";
  std::string_view tracker;
  std::size_t shard = 0;
  std::size_t topics = 0;
  std::size_t joins = 0;
  std::size_t leaves = 0;
  BEAMLINE_EVENT(tracker, shard, topics, joins, leaves)
};

/// A replica is shown, hidden or forgotten.
struct replica_changed {
  static constexpr std::string_view event_name = "presence.replica";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view replica;
  std::uint64_t version = 0;
  std::string_view to;  // "up", "down" or "gone".
  std::string_view why;
  BEAMLINE_EVENT(tracker, shard, replica, version, to, why)
};

/// A transfer was asked for, a part of one was served, or one was merged.
struct entries_transferred {
  static constexpr std::string_view event_name = "presence.transfer";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view peer;
  std::string_view direction;  // "asked", "served" or "merged".
  std::size_t octets = 0;
  BEAMLINE_EVENT(tracker, shard, peer, direction, octets)
};

/// A peer runs another tracker of this name: nothing is exchanged with it (D243).
struct tracker_mismatch {
  static constexpr std::string_view event_name = "presence.mismatch";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view peer;
  std::string_view what;
  BEAMLINE_EVENT(tracker, shard, peer, what)
};

/// What was held of a replica was not what it has, at the same clock: it is fetched anew (D163).
struct replica_diverged {
  static constexpr std::string_view event_name = "presence.diverged";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view replica;
  BEAMLINE_EVENT(tracker, shard, replica)
};

/// A function of the application threw in a shard: on_diff, on_info, or the change of an update.
struct tracker_callback_failed {
  static constexpr std::string_view event_name = "presence.callback_failed";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view callback;
  std::string_view what;
  BEAMLINE_EVENT(tracker, shard, callback, what)
};

/// Something that a peer sent was dropped.
struct peer_frame_dropped {
  static constexpr std::string_view event_name = "presence.frame_dropped";
  std::string_view tracker;
  std::size_t shard = 0;
  std::string_view peer;
  std::string_view what;
  BEAMLINE_EVENT(tracker, shard, peer, what)
};

}  // namespace beamline::presence
