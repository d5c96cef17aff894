#pragma once

#include "actors/pid.hpp"
#include "actors/reason.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

/// Which queue towards a peer a message waits in; the order is the priority (design section 4).
enum class lane : std::uint8_t { control, rpc, presence, broadcast };

/// A node this one is linked with.
struct peer_info {
  node_identity identity;
  std::string role;

  friend bool operator==(const peer_info&, const peer_info&) = default;
};

// What the processes that registered get cast:

/// A message that a peer sent to the service this process registered.
struct peer_message {
  node_identity from;
  std::string service;
  bytes payload;
};

/// A link is up: `peer` is in `list()` already, and no message of it arrived before this (D51, D54).
struct node_up {
  peer_info peer;
};

/// A link is down: everything received over it was cast before this (D52), `peer` is out of `list()`.
struct node_down {
  peer_info peer;
  std::string why;
};

/// The other nodes, as everything above `actors` sees them. `net` implements it, `testing` simulates
/// it, a node without a cluster has `null_peers`. Thread-safe; nothing here blocks.
class peers {
public:
  virtual ~peers() = default;

  /// Queues `payload` for `service` on the named peer. At most once; in order per lane (D59).
  /// Errors: `unavailable` (not linked), `busy` (that lane is full: nothing was queued), `too_large`.
  virtual result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) = 0;

  /// From now on `handler` is cast a `peer_message` for each one that arrives for `service`. A second
  /// registration of a name replaces the first, as a restarted process does.
  virtual void register_service(std::string service, pid handler) = 0;

  /// `subscriber` is cast `node_up`/`node_down` from now on; returns who is linked at that point (D56).
  [[nodiscard]] virtual std::vector<peer_info> subscribe_with_snapshot(pid subscriber) = 0;

  /// Hands an encoded message (message_codec.hpp) to a process of another node.
  virtual result<void> route(const pid& to, bytes encoded) = 0;

  /// Linked nodes, by name.
  [[nodiscard]] virtual std::vector<peer_info> list() const = 0;
};

/// A node alone: nobody is there, and nobody will come.
class null_peers final : public peers {
public:
  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber) override;
  result<void> route(const pid& to, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> list() const override;
};

}  // namespace beamline
