#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

/// Connections to a server on this machine. All throw std::system_error.
namespace beamline::bench {

struct socket_options {
  int receive_octets = 0;                  // Of the system's buffer; 0: as the system likes.
  std::chrono::seconds answer_timeout{0};  // A read gives up after that; 0: never.
};

[[noreturn]] void fail_with_errno(const char* what);

/// Connects, and sends small things at once. The caller closes it.
[[nodiscard]] int connect_here(std::uint16_t port, const socket_options& o = {});

/// Sends all of it, without waiting: what clients send is small, so it fits the system's buffer, or the server is
/// stuck.
void send_whole(int fd, std::string_view octets);

}  // namespace beamline::bench
