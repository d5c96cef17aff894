#pragma once

#include "actors/system_config.hpp"
#include "net/link/carrier.hpp"
#include "net/tcp/net_thread.hpp"

#include <cstdint>
#include <memory>

namespace caf {
class actor_system;
}

namespace beamline::net {

/// To be passed as a node's `configure`: loads CAF's middleman, opens no port, and announces the envelope. Without it
/// `middleman_carriers::start` fails.
void load_carriers(system_config& config);

/// Carriers over CAF's middleman: each is a pair of sockets of which CAF has one end, as if it were a connection to the
/// peer (the CAF note, 7.6). No port is ever open for CAF.
///
///   carrier here                                                                     carrier there
///   send ─> far door's proxy ─> CAF ─> pair ─> octets() ─> the link's connection ─> check, octets() ─> pair ─> CAF ─>
///   door
///
/// The door is an actor that runs `events::received` where CAF reads, which is on the net thread (see caf_loop). What
/// is sent is not bounded here: the gate bounds it. To use on the net thread, which must not have been stopped while
/// carriers are open; to be destroyed after its carriers and before the actor system.
///
/// At most one carrier per peer may be open: CAF knows one connection between two nodes. A new one therefore begins
/// only when CAF has let go of all that were destroyed or closed before; and a peer that shows the CAF node id of
/// another open carrier is refused by `check`.
///
/// After a carrier is destroyed none of its callbacks runs any more; so that must not be done from within one, nor
/// while holding a lock that they take. Closing its octets alone does not stop them. An `opened` that has not been
/// called then is not called.
class middleman_carriers final : public carriers {
public:
  /// Errors: `unsupported` (no middleman, CAF's own node id, another CAF than this build knows); with the remedy.
  [[nodiscard]] static result<std::unique_ptr<middleman_carriers>> start(net_thread& home, caf::actor_system& system);
  ~middleman_carriers() override;

  [[nodiscard]] result<std::unique_ptr<carrier>> open(link_side side, events e) override;

  struct counters {
    std::uint64_t opened = 0;       // Carriers so far.
    std::uint64_t lingering = 0;    // Gone here, and CAF has not let go of them yet.
    std::uint64_t dropped_in = 0;   // Messages to doors that were no envelopes, or came too late.
    std::uint64_t dropped_out = 0;  // Messages of CAF's own that were kept from the peers.
  };
  [[nodiscard]] counters count() const;

private:
  struct impl;
  explicit middleman_carriers(std::shared_ptr<impl> i);
  std::shared_ptr<impl> impl_;
};

}  // namespace beamline::net
