#include "blog/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace beamline::bench {

namespace {

constexpr time_t answer_s = 20;

[[noreturn]] void fail_with_errno(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

}  // namespace

int http_connect(std::uint16_t port) {
  const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    fail_with_errno("socket");
  const timeval most{answer_s, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
    return fd;
  close(fd);
  fail_with_errno("connect");
}

void http_send(int fd, std::string_view request) {
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    fail_with_errno("send");
}

std::string http_get(std::uint16_t port, const std::string& path) {
  const auto fd = http_connect(port);
  std::string all;
  try {
    http_send(fd,
              "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nConnection: close\r\n\r\n");
    std::array<char, 16384> part{};
    for (ssize_t n = 0; (n = recv(fd, part.data(), part.size(), 0)) != 0;) {
      if (n < 0)
        fail_with_errno("an answer did not come");
      all.append(part.data(), static_cast<std::size_t>(n));
    }
  } catch (...) {
    close(fd);
    throw;
  }
  close(fd);
  return all;
}

double metric_of(std::uint16_t port, std::string_view name) {
  const auto text = http_get(port, "/metrics");
  const auto line = "\n" + std::string{name} + " ";
  const auto at = text.find(line);
  return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size(), 32));
}

}  // namespace beamline::bench
