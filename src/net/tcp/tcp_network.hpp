#pragma once

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "net/byte_stream.hpp"
#include "net/resolver.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>

namespace beamline::net {

class tls_context;

/// The machine's network: TCP over IPv4 and IPv6 alike, and TLS over it if it has a context.
///
/// Lives on the net thread, see net_thread.hpp. Sockets have TCP_NODELAY and no keepalive; ports are opened with
/// SO_REUSEADDR. Host names are dialled at up to 16 of their addresses, one after another; `listen` takes numeric
/// addresses and `localhost`, and `::` is both families. With TLS a stream is given out when its handshake is done.
/// Destroying the network ends its dials; streams and acceptors live on.
class tcp_network final : public byte_network {
public:
  /// `names`, `time`, `log` and `events` must outlive the network, the streams and the acceptors.
  tcp_network(net_thread& home, resolver& names, const clock& time, logger& log,
              std::shared_ptr<const tls_context> tls = nullptr, telemetry* events = nullptr);
  ~tcp_network() override;
  tcp_network(const tcp_network&) = delete;
  tcp_network& operator=(const tcp_network&) = delete;

  void dial(const endpoint& to, duration within, on_dial done) override;
  [[nodiscard]] result<std::unique_ptr<acceptor>> listen(const endpoint& at) override;

  /// Attempts under way.
  [[nodiscard]] std::size_t dials() const noexcept;

private:
  struct impl;
  std::shared_ptr<impl> impl_;  // Shared with the completions of dials, which outlive the network as no-ops.
};

}  // namespace beamline::net
