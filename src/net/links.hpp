#pragma once

#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/auth/admission.hpp"
#include "net/auth/keyring.hpp"
#include "net/auth/node_card.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "net/link/carrier.hpp"
#include "net/link/gate.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::net {

class meeting_place;

/// Which nodes that a peer tells of are dialled as well (D33).
enum class mesh_mode : std::uint8_t { none, role, all };  // role: those of this node's own role.

struct links_options {
  std::string role{};
  std::string version{};
  std::string cluster{};
  bool is_hidden = false;
  std::optional<endpoint> listen{};  // Nothing: nobody can dial this node.
  std::string advertise{};           // Where others shall dial it; empty: where it listens (all: as each peer sees it).
  keyring keys;
  bool needs_certificates = false;  // The peer's certificate must name it (D25).
  bool allow_insecure = false;      // Nodes beyond loopback are dialled without certificates, too.
  duration tick_time = 20s;         // T (D40): a silent peer is given up after T x (1 +- 1/intensity).
  int tick_intensity = 4;
  duration setup_time = 5s;  // Dialling and the whole handshake (D22, D32).
  mesh_mode mesh = mesh_mode::role;
  std::vector<std::string> allow{};  // Names, `*@host` or `name@*`; empty: everybody with the cookie (D26).
  std::size_t peers_max = 256;       // Further nodes are refused: `not_allowed`.
  gate::limits lanes{};
  admission::limits strangers{};
  std::uint32_t protocol_max = 2;  // For tests of older releases.
};

/// How an attempt to link went (D29).
struct connect_outcome {
  /// insecure: this node does not dial there, since what it said could be read, or be said by anybody.
  enum class kind : std::uint8_t {
    connected,
    already,
    self,
    unreachable,
    refused,
    unproven,
    unacceptable,
    insecure,
    stopped
  };
  kind what{};
  std::string peer{};  // Its name, as far as it is known.
  std::string detail{};
  /// True as in Erlang: there is a link, or it is this node itself.
  [[nodiscard]] bool ok() const noexcept {
    return what == kind::connected || what == kind::already || what == kind::self;
  }
};

/// Whom a dial is meant for; what is empty is not checked.
struct expectation {
  std::string name{};
  std::string role{};
};

/// What is known of one link.
struct link_stats {
  peer_info peer;
  std::string endpoint;  // The far end of the connection.
  bool is_dialled_here = false;
  std::string key_id;
  std::uint32_t protocol = 0;
  duration up_for{};
  std::optional<duration> latency{};  // Of the last tick and its answer; protocol 2.
  std::uint64_t wire_octets_in = 0, wire_octets_out = 0;
  gate::counters lanes;
  std::vector<std::string> disabled;  // Messages that cannot be exchanged with it.
};

/// The links of one node: who is connected, how they got in, what is told about them; the production `peers`. Runs on
/// an event loop over byte streams; the simulator runs the very same over its own.
///
///   auto net = links::start(node, loop, network, carriers, options);
///   node.env().use_peers(**net);          before anything is spawned
///   ... spawn the services ...
///   (*net)->begin();                      now peers may come
///   (*net)->close(done);                  goodbye; destroy it once that is done
///
/// Everything public is thread-safe.
class links final : public peers {
public:
  /// Errors: those of `byte_network::listen`, `invalid` (a name or option that cannot be).
  [[nodiscard]] static result<std::unique_ptr<links>> start(node& n, event_loop& loop, byte_network& network,
                                                            carriers& over, links_options o);
  ~links() override;

  /// From now on peers may come, and dials begin. What a peer sends to a service nobody registered is lost.
  void begin();
  /// Says goodbye and lets go of everybody; `done` is called on the loop when nothing is open any more. Attempts end
  /// with `stopped`.
  void close(std::function<void()> done = {});

  [[nodiscard]] std::optional<endpoint> listens_at() const;
  [[nodiscard]] const node_card& card() const;

  // -- nodes -------------------------------------------------------------------------------

  using on_connect = std::function<void(const connect_outcome&)>;
  /// Attempts to the same endpoint share one (D29). `done` on the loop, exactly once.
  void connect(const endpoint& to, const expectation& who, on_connect done);
  /// Ends the link; the peer sees `connection_closed`. False: no such link. Not sticky (D36).
  bool disconnect(std::string_view name);
  /// Ends the link, and refuses and dials nobody of that name for that time.
  void ban(std::string_view name, duration lasts);
  /// From now on these count. Links that were proven with a key that is none of them any more end: `auth_revoked`
  /// (D24).
  void use_keys(keyring keys);
  /// Nodes that peers told of and that are not linked: what discovery dials beside its own (D33).
  struct hint {
    std::string name, endpoint, role;
  };
  void on_hints(std::function<void(const std::vector<hint>&)> told);  // On the loop.

  [[nodiscard]] std::vector<link_stats> stats() const;

  // -- peers -------------------------------------------------------------------------------

  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds which) override;
  std::size_t unsubscribe(const pid& subscriber, node_kinds which) override;
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const override;

private:
  explicit links(std::shared_ptr<meeting_place> at) : at_{std::move(at)} {}

  std::shared_ptr<meeting_place> at_;
};

}  // namespace beamline::net
