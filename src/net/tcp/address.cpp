#include "net/tcp/address.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace beamline::net {

namespace {

const sockaddr_in& as_v4(const socket_address& a) { return reinterpret_cast<const sockaddr_in&>(a.storage); }
const sockaddr_in6& as_v6(const socket_address& a) { return reinterpret_cast<const sockaddr_in6&>(a.storage); }

bool is_mapped(const socket_address& a) { return a.family() == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&as_v6(a).sin6_addr); }

in_addr mapped_part(const socket_address& a) {
  auto out = in_addr{};
  std::memcpy(&out, as_v6(a).sin6_addr.s6_addr + 12, sizeof(out));
  return out;
}

template <class F>
endpoint ask(int descriptor, F which) {
  auto a = socket_address{};
  a.length = sizeof(a.storage);
  if (which(descriptor, a.get(), &a.length) != 0)
    return {};
  return to_endpoint(a);
}

}  // namespace

std::optional<socket_address> numeric_address(const endpoint& e) {
  // Understands the scope of a link-local address (`fe80::1%eth0`), which inet_pton does not.
  auto hints = addrinfo{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  // A form of numbers that only the C library's own reader takes, such as `127.1`, is not an address.
  auto v4 = in_addr{};
  if (e.host.find(':') == std::string::npos && ::inet_pton(AF_INET, e.host.c_str(), &v4) != 1)
    return std::nullopt;
  addrinfo* found = nullptr;
  if (::getaddrinfo(e.host.c_str(), std::to_string(e.port).c_str(), &hints, &found) != 0)
    return std::nullopt;
  auto out = socket_address{};
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.length = found->ai_addrlen;
  ::freeaddrinfo(found);
  return out;
}

endpoint to_endpoint(const socket_address& a) {
  char text[NI_MAXHOST] = {};
  auto port = std::uint16_t{};
  if (is_mapped(a)) {
    auto part = mapped_part(a);
    ::inet_ntop(AF_INET, &part, text, sizeof(text));
    port = ntohs(as_v6(a).sin6_port);
  } else {
    ::getnameinfo(a.get(), a.length, text, sizeof(text), nullptr, 0, NI_NUMERICHOST);
    port = a.family() == AF_INET6 ? ntohs(as_v6(a).sin6_port) : ntohs(as_v4(a).sin_port);
  }
  return {text, port};
}

bool is_loopback(const socket_address& a) {
  if (is_mapped(a))
    return (ntohl(mapped_part(a).s_addr) >> 24U) == 127;
  if (a.family() == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&as_v6(a).sin6_addr);
  return (ntohl(as_v4(a).sin_addr.s_addr) >> 24U) == 127;
}

bool is_unspecified(const socket_address& a) {
  if (a.family() == AF_INET6)
    return IN6_IS_ADDR_UNSPECIFIED(&as_v6(a).sin6_addr);
  return as_v4(a).sin_addr.s_addr == INADDR_ANY;
}

endpoint peer_of(int descriptor) { return ask(descriptor, ::getpeername); }

endpoint name_of(int descriptor) { return ask(descriptor, ::getsockname); }

int open_tcp_socket(int family) { return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP); }

void set_tcp_options(int descriptor) {
  auto on = 1;
  auto off = 0;
  // Neither can fail on a TCP socket.
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &off, sizeof(off));
}

}  // namespace beamline::net
