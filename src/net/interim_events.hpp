#pragma once

#include "actors/peers.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What the interim distribution tells telemetry.
namespace beamline::net {

/// A link to a peer came up or went down.
struct link_changed {
  static constexpr std::string_view event_name = "net.link";
  std::string_view node;
  std::uint64_t incarnation = 0;
  std::string_view role;
  bool is_up = false;
  std::string_view why;  // Of its end.
  BEAMLINE_EVENT(node, incarnation, role, is_up, why)
};

/// Something that a peer sent was not passed on.
struct peer_message_dropped {
  static constexpr std::string_view event_name = "net.peer_message_dropped";
  std::string_view node;
  std::string_view service;
  std::string_view why;
  std::uint64_t total = 0;  // Dropped by this part of the node so far.
  BEAMLINE_EVENT(node, service, why, total)
};

/// A reply came too late, twice, or to a question nobody asked.
struct rpc_reply_dropped {
  static constexpr std::string_view event_name = "rpc.reply_dropped";
  std::string_view node;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(node, total)
};

/// A call to a procedure of another node, or of this one, has its outcome.
struct rpc_call_done {
  static constexpr std::string_view event_name = "rpc.call";
  std::string_view procedure;
  std::string_view outcome;  // `ok`, or the kind of the error.
  duration took{};
  BEAMLINE_EVENT(procedure, outcome, took)
};

/// A broadcast did not reach a peer: its lane was full, or the link went down at that moment.
struct broadcast_dropped {
  static constexpr std::string_view event_name = "broadcast.dropped";
  std::string_view topic;
  std::string_view node;
  std::string_view why;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(topic, node, why, total)
};

}  // namespace beamline::net
