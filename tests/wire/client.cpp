#include "wire/client.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace beamline::test {

wire_client::wire_client(std::uint16_t port, const char* address, int receive_buffer) {
  auto storage = sockaddr_storage{};
  auto length = socklen_t{};
  if (std::strchr(address, ':') != nullptr) {
    auto& a = reinterpret_cast<sockaddr_in6&>(storage);
    a.sin6_family = AF_INET6;
    a.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address, &a.sin6_addr);
    length = sizeof(sockaddr_in6);
  } else {
    auto& a = reinterpret_cast<sockaddr_in&>(storage);
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &a.sin_addr);
    length = sizeof(sockaddr_in);
  }
  fd_ = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

wire_client::~wire_client() {
  if (fd_ >= 0)
    ::close(fd_);
}

void wire_client::send(std::string_view octets) {
  while (!octets.empty()) {
    auto n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return;  // The server has ended the connection; the test sees that when it reads.
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
}

void wire_client::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void wire_client::reset() {
  auto at_once = linger{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

bool wire_client::fill() {
  auto p = pollfd{fd_, POLLIN, 0};
  if (::poll(&p, 1, wait_ms) != 1)
    return false;
  auto buffer = std::array<char, 16384>{};
  auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (n <= 0)
    return false;
  input_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

std::optional<std::string> wire_client::take(std::size_t octets) {
  while (input_.size() < octets)
    if (!fill())
      return std::nullopt;
  auto out = input_.substr(0, octets);
  input_.erase(0, octets);
  return out;
}

wire_client::answer wire_client::read_answer(bool head_only) {
  auto out = answer{};
  auto end = std::string::npos;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!fill())
      return out;
  auto head = take(end + 4).value();
  out.status = std::stoi(head.substr(9, 3));
  for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
    auto stop = head.find("\r\n", at);
    auto colon = head.find(": ", at);
    auto name = head.substr(at, colon - at);
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    out.headers[name] = head.substr(colon + 2, stop - colon - 2);
    if (name == "set-cookie")
      out.cookies.push_back(out.headers[name]);
    at = stop + 2;
  }
  if (auto length = out.headers.find("content-length"); length != out.headers.end() && !head_only)
    out.body = take(std::stoul(length->second)).value_or("(cut short)");
  return out;
}

int wire_client::ws_frame::close_code() const {
  if (op != 8)
    return -1;
  if (payload.size() < 2)
    return 1005;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

std::optional<wire_client::ws_frame> wire_client::read_frame() {
  auto head = take(2);
  if (!head)
    return std::nullopt;
  auto out = ws_frame{};
  out.fin = ((*head)[0] & 0x80) != 0;
  out.op = static_cast<unsigned>((*head)[0]) & 0x0fU;
  auto length = static_cast<std::size_t>((*head)[1]) & 0x7fU;
  if (length >= 126) {
    auto more = take(length == 126 ? 2 : 8);
    if (!more)
      return std::nullopt;
    length = 0;
    for (auto c : *more)
      length = length << 8 | static_cast<unsigned char>(c);
  }
  auto payload = take(length);
  if (!payload)
    return std::nullopt;
  out.payload = std::move(*payload);
  return out;
}

bool wire_client::reads_end() {
  if (!input_.empty())
    return false;
  auto p = pollfd{fd_, POLLIN, 0};
  auto c = char{};
  return ::poll(&p, 1, wait_ms) == 1 && ::recv(fd_, &c, 1, 0) == 0;
}

bool wire_client::gets_cut() {
  auto p = pollfd{fd_, POLLIN, 0};
  auto buffer = std::array<char, 65536>{};
  while (::poll(&p, 1, wait_ms) == 1)
    if (::recv(fd_, buffer.data(), buffer.size(), 0) <= 0)
      return true;
  return false;
}

std::string masked_frame(unsigned op, std::string_view payload, bool fin) {
  static constexpr auto mask = std::array<unsigned char, 4>{0x12, 0x34, 0x56, 0x78};
  auto out = std::string{};
  out.push_back(static_cast<char>((fin ? 0x80U : 0U) | op));
  auto length = payload.size();
  auto octets = length < 126 ? 0 : length < 65536 ? 2 : 8;
  out.push_back(static_cast<char>(0x80U | (octets == 0 ? length : octets == 2 ? 126 : 127)));
  for (auto shift = (octets - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((length >> shift) & 0xff));
  out.append(mask.begin(), mask.end());
  for (std::size_t i = 0; i < length; ++i)
    out.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]));
  return out;
}

std::string close_payload(int code, std::string_view reason) {
  auto out = std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return out.append(reason);
}

}  // namespace beamline::test
