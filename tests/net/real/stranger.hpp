#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "net/auth/handshake.hpp"
#include "net/byte_stream.hpp"
#include "net/link/relay_frame.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace beamline::testing {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

/// A bare connection over 127.0.0.1, to say to a node what a node would not say.
class stranger {
public:
  explicit stranger(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    auto at = loopback(port);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  }
  static stranger adopt(int socket) { return {socket, 0}; }
  ~stranger() {
    if (socket_ >= 0)
      ::close(socket_);
  }
  stranger(stranger&& other) noexcept : socket_{std::exchange(other.socket_, -1)}, in_{std::move(other.in_)} {}
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;
  stranger& operator=(stranger&&) = delete;

  /// Short octets only. False: it is closed already.
  bool say(std::string_view octets) const {
    return ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
  }
  bool say(net::frame_kind kind, std::string_view body) const {
    bytes out;
    net::append_relay_frame(out, kind, body);
    return say(out);
  }
  void finish() const { ::shutdown(socket_, SHUT_WR); }

  /// The body of the next frame; nothing: closed, or nothing came in time.
  std::optional<bytes> hear(std::chrono::milliseconds within = 5s) {
    for (;;) {
      auto frame = in_.next();
      REQUIRE(frame.ok());
      if (*frame)
        return bytes{(*frame)->body};
      auto octets = receive(within);
      if (octets.empty())
        return std::nullopt;
      in_.feed(octets);
    }
  }
  /// Whether the other side closes it within that time; what it says before does not count.
  bool is_closed_within(std::chrono::milliseconds within) const {
    while (has_news(within))
      if (receive(0ms).empty())
        return true;
    return false;
  }

private:
  stranger(int socket, int) : socket_{socket} {}
  bool has_news(std::chrono::milliseconds within) const {
    pollfd p{socket_, POLLIN, 0};
    return ::poll(&p, 1, static_cast<int>(within.count())) == 1;
  }
  bytes receive(std::chrono::milliseconds within) const {
    bytes into(64 * 1024, '\0');
    if (!has_news(within))
      return {};
    auto got = ::recv(socket_, into.data(), into.size(), 0);
    into.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return into;
  }

  int socket_;
  net::relay_frame_reader in_;
};

/// A port of somebody who is no node.
class stranger_port {
public:
  stranger_port() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    auto at = loopback(0);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    socklen_t length = sizeof at;
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &length) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~stranger_port() { ::close(socket_); }
  stranger_port(const stranger_port&) = delete;
  stranger_port& operator=(const stranger_port&) = delete;

  [[nodiscard]] net::endpoint at() const { return {"127.0.0.1", port_}; }
  /// Blocks until somebody has come.
  [[nodiscard]] stranger accept() const {
    pollfd p{socket_, POLLIN, 0};
    REQUIRE(::poll(&p, 1, 10'000) == 1);
    return stranger::adopt(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
  }

private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// One half of a handshake over such a connection, as far as it goes.
struct half {
  net::handshake talk;
  std::vector<bytes> said{};  // Frames, verbatim.
  std::optional<net::handshake_failure> failed{};
  bool is_done = false;

  half(net::handshake::side at, const net::node_card& who, const net::keyring& keys)
      : talk{at, [&] {
               net::handshake::options o;
               o.self = who;
               o.keys = &keys;
               o.nonce = bytes(32, 'n');
               return o;
             }()} {}

  void say(const stranger& over, const std::vector<bytes>& messages) {
    for (const auto& m : messages) {
      bytes frame;
      net::append_relay_frame(frame, net::frame_kind::handshake, m);
      said.push_back(frame);
      (void)over.say(frame);  // That it is closed is seen when something is to be heard.
    }
  }
  /// Hears and says `steps` messages of the other side, the first words included.
  half& go_on(stranger& over, int steps) {
    if (said.empty())
      say(over, talk.begin());
    for (; steps > 0 && !is_done && !failed; --steps) {
      auto heard = over.hear();
      if (!heard) {
        failed = talk.hung_up();
        break;
      }
      auto step = talk.receive(*heard);
      say(over, step.send);
      failed = step.failed;
      is_done = step.is_done;
    }
    return *this;
  }
};

}  // namespace beamline::testing
