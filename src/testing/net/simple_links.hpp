#pragma once

// Links between the nodes of a world, over its simulated network: what `peers` promises, in little code.
//
//   cluster c{w, names, [&](simulated_node& n) {
//     simple_links::start(n, names, {.role = "counter"});      first: what is spawned finds its peers
//     n.spawn<my_process>();
//   }};
//
// This links simulated clusters until the production link runs on `byte_stream`; then that one takes its place, and
// what is tested over it stays as it is. It is meant to be right, not fast, and it authenticates nobody.
//
//   the smaller name dials:  hello(name, incarnation, role)  ──>  a stranger, an older run: refused(why)
//                     up  <──  hello                              else it answers
//                              ready                         ──>  up
//   then, both ways:           ticks, messages to services, messages to processes, goodbye

#include "actors/message_codec.hpp"
#include "actors/peers.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

struct simple_links_options {
  std::string role{};          // Shown to peers.
  std::uint16_t port = 4400;   // The same on every machine.
  duration begin_after = 5ms;  // For the services of this node to be registered: what comes for an unknown one is lost.
  duration tick = 50ms;        // At least so often something is sent to every peer.
  duration silence_max = 250ms;  // A peer that was not heard for so long is taken for lost.
  duration dial_within = 250ms;
  duration retry_min = 20ms;                 // Between two attempts, at first ...
  duration retry_max = 320ms;                // ... and after it doubled several times. Jitter takes off up to half.
  std::size_t lane_bytes_max = 1U << 20;     // What waits in one lane for one peer; then `send` says `busy`.
  std::size_t payload_bytes_max = 1U << 20;  // A larger message is refused (`too_large`).
};

/// The links of one run of a node. Owned by the node (`start`, or `simulated_node::own`), used in the world's thread.
///
/// Keeps the ordering of peers.hpp (D51-D56): status events and messages of a peer are cast in one order to everybody,
/// `node_down` of a connection before `node_up` of the next. One connection per pair at most (I4): only the smaller
/// name dials, and a later connection of the same or a newer run replaces the old one. An older run than the newest
/// that was seen is refused. Emits `net::link_changed` and `net::peer_message_dropped`.
class simple_links final : public peers {
public:
  /// Makes the links of that node and gives them to its environment; before anything is spawned. `others` are names of
  /// machines; its own name among them does no harm.
  static simple_links& start(simulated_node& n, std::vector<std::string> others, simple_links_options o = {});

  simple_links(simulated_node& n, std::vector<std::string> others, simple_links_options o);
  ~simple_links() override;
  simple_links(const simple_links&) = delete;
  simple_links& operator=(const simple_links&) = delete;

  /// Messages of these types that are cast to processes of this node from another one arrive; all others are dropped
  /// and counted, since nobody could decode them.
  template <class... Ms>
  void carry() {
    (carry_named(Ms::message_name,
                 [this](const pid& to, std::string_view encoded) -> result<void> {
                   auto m = decode<Ms>(encoded);
                   if (!m)
                     return m.error();
                   node_.cast(to, std::move(*m));
                   return {};
                 }),
     ...);
  }

  /// Says goodbye to everybody and links with nobody any more; subscribers see every peer go down.
  void close();

  [[nodiscard]] bool is_linked_with(std::string_view node) const;

  // -- peers -------------------------------------------------------------------------

  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber) override;
  /// Only for types given to `carry` at the far end.
  result<void> route(const pid& to, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> list() const override;

private:
  using decoder = std::function<result<void>(const pid& to, std::string_view encoded)>;

  void carry_named(std::string_view message_name, decoder d);

  struct state;
  simulated_node& node_;
  std::unique_ptr<state> state_;
};

}  // namespace beamline::testing
