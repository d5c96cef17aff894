#pragma once

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "net/byte_stream.hpp"
#include "net/tcp/net_thread.hpp"
#include "net/tcp/tls_context.hpp"

#include <memory>
#include <string>

namespace beamline::net {

// Strangers that are in the TLS handshake at once (D22): more are closed at once, in all (those of this machine apart)
// and from one source (admission.hpp) beyond it.
inline constexpr std::size_t tls_handshakes_max = 32;
inline constexpr std::size_t tls_handshakes_per_address_max = 4;
// The dialler's time is the dial's; a stranger who connects gets this.
inline constexpr duration tls_accept_within = 5s;

/// A TLS handshake under way. Destroying it ends it and closes the connection; its completion is not called then.
class tls_handshake {
public:
  virtual ~tls_handshake() = default;
};

/// Which end of the handshake this is.
enum class tls_side : std::uint8_t { client, server };

/// Does the handshake over `under` and gives out the stream over it, or an error, as byte_network::dial does: never
/// from within this call. Errors: `denied` (the certificates are no good, with the reason), `unavailable`.
[[nodiscard]] std::unique_ptr<tls_handshake> start_tls(net_thread& home, std::shared_ptr<const tls_context> context,
                                                       tls_side side, std::unique_ptr<byte_stream> under,
                                                       duration within, byte_network::on_dial done);

/// Gives out the connections of `under` whose handshake succeeded, in the order in which they did. A failure makes its
/// source wait as one behind TLS does (admission.hpp), is told as `connect_failed`, logged once per step of its
/// silence, and disturbs nobody else.
[[nodiscard]] std::unique_ptr<acceptor> make_tls_acceptor(net_thread& home, std::shared_ptr<const tls_context> context,
                                                          std::unique_ptr<acceptor> under, const clock& time,
                                                          logger& log, telemetry* events = nullptr);

}  // namespace beamline::net
