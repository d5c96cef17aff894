#pragma once

#include "base/time.hpp"
#include "web/origin.hpp"
#include "web/trusted_proxies.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace beamline::web {

/// Every setting and every limit of the HTTP and WebSocket server. Sizes are octets.
struct web_options {
  // `127.0.0.1`, `::1`, `0.0.0.0`, `::` (with IPv4), or `localhost` (both loopback addresses, one of them may be
  // missing on the machine).
  std::string bind = "localhost";
  std::uint16_t port = 4000;    // 0: any free port; `server::port()` tells which.
  std::string scheme = "http";  // How browsers reach this server: `https` behind a proxy that ends TLS.
  origin_policy origins;        // Its `public_host` is `web.public_host`.
  trusted_proxies proxies;      // Of which `X-Forwarded-For` and `X-Forwarded-Proto` are believed.

  // Refused above: 431 for the fields, 414 for the target (at least 8 KiB, as LiveView puts its parameters
  // there), 413 for the body.
  std::size_t header_bytes_max = 32 * 1024;
  std::size_t target_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 2 * 1024 * 1024;
  std::size_t headers_max = 100;  // Fields of one request; 431.

  duration header_timeout = 10s;      // From the first octet of a request to the end of its fields; 408.
  duration body_timeout = 30s;        // For the body; 408.
  duration keep_alive_timeout = 60s;  // Between requests; closes silently.
  duration answer_timeout = 30s;      // For the handler; 503 with Retry-After.
  duration write_timeout = 30s;       // Without a single octet leaving; the connection is cut.
  duration linger_timeout = 2s;       // After a final answer, so that the client can read it.

  std::size_t connections_max = 20'000;            // More get 503 with Retry-After.
  std::size_t requests_per_connection_max = 1000;  // The last one's answer says `connection: close`.

  duration socket_idle_timeout = 60s;           // Without any frame; 1001.
  duration socket_close_timeout = 5s;           // For the peer's close frame; then the connection is cut.
  std::size_t message_bytes_max = 1024 * 1024;  // A whole message, however fragmented; 1009.
  // What waits for a client, each frame with 256 octets for keeping it: above, `writable()` is false ...
  std::size_t socket_high_water_bytes = 32 * 1024;
  std::size_t socket_low_water_bytes = 8 * 1024;           // ... until the queue has sunk to this.
  std::size_t socket_pending_bytes_max = 8 * 1024 * 1024;  // A client so far behind is cut.

  // Shutdown closes sockets in waves of this many, the next one after this time, halved or less by jitter: all
  // clients of a wave are back within 10 ms.
  std::size_t drain_wave_sockets = 500;
  duration drain_wave_interval = 100ms;
};

}  // namespace beamline::web
