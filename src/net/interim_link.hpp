#pragma once

// The interim link between nodes: CAF's own protocol on loopback, without authentication.
//
//   node n{{.name = "accumulator_1@127.0.0.1", .incarnation = i, .configure = net::load_middleman}, ports};
//   auto link = net::interim_link::start(n, {.port = 4401, .endpoints = {"127.0.0.1:4400"}, .role = "accumulator"});
//   n.env().use_peers((*link)->peers());                  before anything else is spawned
//   ...                                                   spawn the services, wait until they are there
//   (*link)->begin();                                     now peers may come
//   ...
//   (*link)->close();  n.shutdown(10s);                   in this order; then the link may go, then the node
//
// One gate process per node is published. Whoever dials says hello, the other side answers, and both
// watch each other's gate; it does not matter who dialled, nor if both did. Everything after that is one
// kind of message between two gates. A peer that stands still without closing its socket is not
// noticed here: calls to it time out.

#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beamline::net {

class link_table;

// A larger payload is refused (`too_large`): it would delay everything behind it.
inline constexpr std::size_t link_payload_bytes_max = 1U << 20;
// This much may wait for a peer's acknowledgement; then `send` says `busy`.
inline constexpr std::size_t link_unacknowledged_bytes_max = 4U << 20;
// A node links with at most this many others; further ones are refused, and told so.
inline constexpr std::size_t link_peers_max = 64;
// Longer names of services are refused (`too_large`).
inline constexpr std::size_t link_service_bytes_max = 64;
// A further subscriber to status events is refused, logged; the dead ones do not count.
inline constexpr std::size_t link_subscribers_max = 1024;

/// Makes a node able to link; to be passed as `node::options::configure`.
void load_middleman(system_config& config);

/// The links of one node. Owned by whoever owns the node, started and closed by that thread.
class interim_link {
public:
  struct options {
    std::string bind = "127.0.0.1";  // A loopback address; any other is refused.
    std::uint16_t port = 0;          // 0: the system chooses one.
    std::vector<std::string>
        endpoints{};             // To dial, again and again: "127.0.0.1:4400", "localhost:4400", "[::1]:4400".
    std::string role{};          // Shown to peers.
    duration retry_min = 500ms;  // Between two attempts: at first ...
    duration retry_max = 5s;     // ... and after it doubled several times. Jitter takes off up to half.
    // Told when the gate process has ended: the link works no more and is to be closed. Called by that process.
    std::function<void(const reason&)> ended{};
  };

  /// Opens the port; nobody is linked before `begin`. `n` must outlive the link.
  /// Errors: `invalid` (an address or endpoint that cannot be used), `conflict` (the port is taken).
  [[nodiscard]] static result<std::unique_ptr<interim_link>> start(node& n, options o);
  ~interim_link();
  interim_link(const interim_link&) = delete;
  interim_link& operator=(const interim_link&) = delete;

  /// From now on answers peers and dials. To be called once the services of this node are registered: what a
  /// peer sends to a service that nobody registered is lost.
  void begin();

  /// The port that peers dial.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// For `environment::use_peers`. Lives as long as this object; after `close` it has no peers.
  [[nodiscard]] beamline::peers& peers() noexcept;
  /// The same for those that may outlive the link.
  [[nodiscard]] std::shared_ptr<beamline::peers> share_peers() const;

  /// Says goodbye to the peers, closes the port and ends the gate. Subscribers see every peer go down.
  /// A second call does nothing. Must not be called after the node was destroyed.
  void close();

private:
  interim_link(node& n, std::shared_ptr<link_table> table, pid gate);

  node& node_;
  std::shared_ptr<link_table> table_;
  pid gate_;
  std::uint16_t port_ = 0;
  std::string endpoint_;
  std::function<void()> unpublish_;
  bool is_closed_ = false;
};

}  // namespace beamline::net
