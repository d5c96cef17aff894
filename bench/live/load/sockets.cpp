#include "live/load/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace beamline::bench {

void fail_with_errno(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

int connect_here(std::uint16_t port, const socket_options& o) {
  const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    fail_with_errno("socket");
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (o.receive_octets > 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &o.receive_octets, sizeof o.receive_octets);
  const timeval most{o.answer_timeout.count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
    return fd;
  const auto why = errno;
  close(fd);
  errno = why;
  fail_with_errno("connect");
}

void send_whole(int fd, std::string_view octets) {
  const auto n = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n != static_cast<ssize_t>(octets.size()))
    fail_with_errno("the server does not read what a client sends");
}

}  // namespace beamline::bench
