#include "blog/http.hpp"

#include "live/load/sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace beamline::bench {

namespace {

constexpr std::chrono::seconds answer_timeout{20};

}  // namespace

std::string http_get(std::uint16_t port, const std::string& path) {
  const auto fd = connect_here(port, {.answer_timeout = answer_timeout});
  std::string all;
  try {
    send_whole(fd, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
                       + "\r\nConnection: close\r\n\r\n");
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
