#pragma once

#include "actors/pid.hpp"
#include "base/time.hpp"
#include "net/byte_stream.hpp"

#include <cstdint>
#include <string>

namespace beamline::net {

/// What a node says of itself when it meets another one (D10).
struct node_card {
  node_identity identity;
  std::string role;
  std::string version;   // Of the program.
  std::string cluster;   // Nodes of different clusters do not link. Empty: the unnamed one.
  std::string endpoint;  // Where others can dial it, `host:port`; empty: nowhere.
  bool is_hidden = false;
  duration tick_time{};  // Net tick time T (D39); the greater of both counts (D42).
  std::uint64_t contract_hash = 0;

  friend bool operator==(const node_card&, const node_card&) = default;
};

}  // namespace beamline::net
