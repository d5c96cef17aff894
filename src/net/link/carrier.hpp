#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/byte_stream.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace beamline::net {

/// Brings envelopes from the gate here to the gate there, as octets that the link relays over its connection: CAF's
/// middleman over a socket pair in production (middleman/), nothing at all between in the simulation (the design's
/// frame_link). Made and destroyed on the loop.
class carrier {
public:
  virtual ~carrier() = default;

  /// What it wants relayed, and where what the far carrier wanted relayed goes. On the loop. Ends with the carrier.
  [[nodiscard]] virtual byte_stream& octets() = 0;
  /// To be called with everything that came from the peer, before it is written to `octets`. Error: these are not
  /// octets of a carrier (for BASP: an unknown operation, a length out of bounds, a handshake without one).
  virtual result<void> check(std::string_view from_peer) = 0;
  /// Envelopes that were whole in what `check` has seen so far. Each is given to `received` once it was written.
  [[nodiscard]] virtual std::uint64_t envelopes_checked() const = 0;
  /// Thread-safe; never blocks; in order; at most once.
  virtual void send(bytes envelope) = 0;
};

/// Which end of a connection; exactly one of the two dials.
enum class link_side : std::uint8_t { dialler, acceptor };

/// Opens carriers for links.
class carriers {
public:
  struct events {
    /// Both ends can be reached, from now on `send` works; or an error. Once. On any thread.
    std::function<void(result<void>)> opened;
    /// What the far end's `send` was given. In order, never at the same time for one carrier; on any thread. The first
    /// one may come before `opened` has returned, never before it is called.
    std::function<void(bytes envelope)> received;
  };
  virtual ~carriers() = default;
  /// On the loop. Errors: `io`, `unavailable`.
  [[nodiscard]] virtual result<std::unique_ptr<carrier>> open(link_side side, events e) = 0;
};

}  // namespace beamline::net
