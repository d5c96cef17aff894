#pragma once

#include "net/byte_stream.hpp"

#include <optional>
#include <string>

#include <sys/socket.h>

namespace beamline::net {

/// A numeric address and a port, as the system calls want it: IPv4 or IPv6.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// Nothing if the host is a name. Asks no name server.
[[nodiscard]] std::optional<socket_address> numeric_address(const endpoint& e);
/// An IPv4 address that IPv6 carries (`::ffff:127.0.0.1`) is written as IPv4: it is one address, not two.
[[nodiscard]] endpoint to_endpoint(const socket_address& a);
[[nodiscard]] bool is_loopback(const socket_address& a);
[[nodiscard]] bool is_unspecified(const socket_address& a);

/// The far and the near end of a socket.
[[nodiscard]] endpoint peer_of(int descriptor);
[[nodiscard]] endpoint name_of(int descriptor);

/// A non-blocking TCP socket that no child process inherits; -1 with errno set.
[[nodiscard]] int open_tcp_socket(int family);
/// What every connection of ours has: no delay, no keepalive (ticks do that, D39).
void set_tcp_options(int descriptor);

}  // namespace beamline::net
