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
  std::string version;           // Of its program.
  std::uint64_t connection = 0;  // Which link of this node it is; greater than that of every earlier link (D57).
  bool is_hidden = false;        // A tool's connection (D34): not one of the cluster's nodes.

  friend bool operator==(const peer_info&, const peer_info&) = default;
};

/// Whose events a subscriber is told, and who is listed (D46).
enum class node_kinds : std::uint8_t { visible, hidden, all };

// What the processes that registered get cast; node_up and node_down reach a full mailbox as well, as signals do:

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
  std::string why;       // One of down_reason's words (D47), or a reason of a newer release's.
  std::string detail{};  // For people; may be empty.
};

/// Why a link ended (D47).
namespace down_reason {
inline constexpr std::string_view connection_closed = "connection_closed";  // The peer, or its machine, closed it.
inline constexpr std::string_view disconnect = "disconnect";                // Somebody here called `disconnect`.
inline constexpr std::string_view net_tick_timeout = "net_tick_timeout";    // Nothing was heard of it for too long.
inline constexpr std::string_view stale_incarnation = "stale_incarnation";  // A newer run of it has come.
inline constexpr std::string_view auth_revoked = "auth_revoked";            // Its key counts no more.
inline constexpr std::string_view protocol_error = "protocol_error";        // It sent what must not be sent.
inline constexpr std::string_view slow_consumer = "slow_consumer";          // The control lane overflowed.
inline constexpr std::string_view stopped = "net_kernel_terminated";        // The links of this node ended.
inline constexpr std::string_view replaced = "replaced";                    // It connected anew (the `alive` case).
}  // namespace down_reason

/// The other nodes, as everything above `actors` sees them. `net` implements it, `testing` simulates
/// it, a node without a cluster has `null_peers`. Thread-safe; nothing here blocks.
class peers {
public:
  virtual ~peers() = default;

  /// Queues `payload` for `service` on the named peer. At most once; in order per lane and service (D59). What
  /// overflows is stated by the lane (D67): `rpc` and `presence` refuse, `broadcast` drops its oldest, `control` ends
  /// the link. Errors: `unavailable` (not linked), `busy` (that lane is full: nothing was queued), `too_large`.
  virtual result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) = 0;

  /// From now on `handler` is cast a `peer_message` for each one that arrives for `service`. A second
  /// registration of a name replaces the first, as a restarted process does.
  virtual void register_service(std::string service, pid handler) = 0;

  /// Queues a signal between processes (remote_processes.hpp) for that run of a node; incarnation 0: whichever run is
  /// linked. In order per `flow`, the sending process' id (D59, D61). Goes by the lane `rpc`.
  /// Errors: `unavailable` (no such node is linked), `not_found` (another run of it is), `busy`, `too_large`.
  virtual result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) = 0;

  /// `subscriber` is cast `node_up`/`node_down` of these nodes from now on; returns who is linked at that point (D56).
  /// Subscriptions count: two give two of each (D48). They end with the subscriber (D50).
  [[nodiscard]] virtual std::vector<peer_info> subscribe_with_snapshot(pid subscriber,
                                                                       node_kinds which = node_kinds::visible) = 0;
  /// Ends all subscriptions of that process to these kinds; returns how many there were.
  virtual std::size_t unsubscribe(const pid& subscriber, node_kinds which = node_kinds::visible) = 0;

  /// Linked nodes, by name.
  [[nodiscard]] virtual std::vector<peer_info> list(node_kinds which = node_kinds::visible) const = 0;
};

/// A node alone: nobody is there, and nobody will come.
class null_peers final : public peers {
public:
  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds which) override;
  std::size_t unsubscribe(const pid& subscriber, node_kinds which) override;
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const override;
};

}  // namespace beamline
