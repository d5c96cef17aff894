#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// Where a node can be dialled: a numeric address or a host name, and a port.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// `127.0.0.1:4400`, `[::1]:4400`.
[[nodiscard]] std::string to_string(const endpoint& e);
/// Reads what `to_string` writes. A host is anything without a colon, or in brackets; the port is from 1 to 65535.
/// Errors: `invalid`.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text);

/// What the transport itself knows of the other end. Empty without TLS.
struct stream_security {
  bool is_encrypted = false;
  bytes channel_binding{};                // tls-exporter (RFC 9266): the same at both ends, and of no other connection.
  std::vector<std::string> peer_names{};  // What the peer's certificate was issued to: its URI names.
};

/// One connection between two nodes: octets both ways, in order, without gaps, for as long as it lasts. Production:
/// TCP, with or without TLS; simulation: a pipe with faults (testing/net). Under handshake and relay framing.
///
/// Asynchronous and not thread-safe: every call is made, and every completion runs, on the thread (in the simulation:
/// as an event of the node) that runs the connection. A completion is called exactly once, never from within the call
/// that asked for it; with `cancelled` once `close` was called; not at all once the stream is destroyed.
///
/// Errors: `unavailable` (the connection broke: reset, timed out), `cancelled`.
class byte_stream {
public:
  using on_read = std::function<void(result<bytes>)>;
  using on_done = std::function<void(result<void>)>;

  /// Breaks the connection if it is open; completions under way are not called.
  virtual ~byte_stream() = default;

  /// The next octets, one at least and `max` (not 0) at most. Empty: the peer will send nothing more (it called
  /// `finish` or `close`). One read at a time.
  virtual void read(std::size_t max, on_read done) = 0;
  /// Done when the system has taken all of it: not when the peer has it. One write at a time, which is the
  /// back-pressure: a peer that does not read keeps it waiting.
  virtual void write(bytes octets, on_done done) = 0;
  /// After what was written the peer reads the end; reading goes on. No write may be under way, none may follow.
  virtual void finish() = 0;
  /// Ends both ways, at once. What the system has taken may still arrive, unless something of the peer's was not read
  /// yet: then the connection breaks for it. A second call does nothing.
  virtual void close() = 0;

  [[nodiscard]] virtual bool is_open() const = 0;
  [[nodiscard]] virtual endpoint remote() const = 0;
  [[nodiscard]] virtual stream_security security() const { return {}; }
};

/// An open port.
class acceptor {
public:
  using on_accept = std::function<void(result<std::unique_ptr<byte_stream>>)>;

  /// Closes the port.
  virtual ~acceptor() = default;
  /// The next connection; one at a time.
  virtual void accept(on_accept done) = 0;
  [[nodiscard]] virtual endpoint local() const = 0;
};

/// Opens connections: the network, as one node sees it.
class byte_network {
public:
  using on_dial = std::function<void(result<std::unique_ptr<byte_stream>>)>;

  virtual ~byte_network() = default;

  /// Errors: `unavailable` (refused, unreachable, no answer within `within`), `not_found` (no such host).
  virtual void dial(const endpoint& to, duration within, on_dial done) = 0;
  /// Port 0: the system chooses. Errors: `conflict` (taken), `denied`, `invalid` (not an address of this machine).
  [[nodiscard]] virtual result<std::unique_ptr<acceptor>> listen(const endpoint& at) = 0;
};

}  // namespace beamline::net
