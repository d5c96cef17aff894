#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

/// What the links of a node tell telemetry.
namespace beamline::net {

/// A link to a peer came up or went down. The reference calls it the cluster's `connection` event.
struct link_changed {
  static constexpr std::string_view event_name = "event_horizon.cluster.connection";
  std::string_view node;
  std::uint64_t incarnation = 0;
  std::string_view role;
  std::string_view status;  // `up` or `down`.
  std::string_view why;     // Of its end: a down_reason.
  std::uint64_t count = 0;  // Links now, this change included.
  BEAMLINE_EVENT(node, incarnation, role, status, why, count)
};

/// Something that a peer sent was not passed on.
struct peer_message_dropped {
  static constexpr std::string_view event_name = "net.peer_message_dropped";
  std::string_view node;
  std::string_view service;
  std::string_view why;
  std::uint64_t total = 0;  // Dropped by this node so far.
  BEAMLINE_EVENT(node, service, why, total)
};

/// Something meant for a peer was refused, or had to go for what came later: its lane was full (D67).
struct lane_overflow {
  static constexpr std::string_view event_name = "net.lane_overflow";
  std::string_view node;
  std::string_view lane;
  std::string_view what;  // `busy`, `dropped_oldest` or `link_closed`.
  std::uint64_t count = 0;
  BEAMLINE_EVENT(node, lane, what, count)
};

/// An attempt to link ended without one: dialled here, or from `address`.
struct connect_failed {
  static constexpr std::string_view event_name = "net.connect_failed";
  std::string_view node;  // As it claimed to be; may be empty.
  std::string_view address;
  std::string_view why;
  bool was_dialled_here = false;
  BEAMLINE_EVENT(node, address, why, was_dialled_here)
};

}  // namespace beamline::net
