#include "live/floor/server.hpp"

#include "live/load/wire.hpp"
#include "web/frame_codec.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace beamline::bench {

namespace {

constexpr int backlog = 4096;
constexpr int events_per_turn_max = 1024;
constexpr std::size_t read_octets_max = std::size_t{256} * 1024;

std::string text_frame(std::string text) {
  const auto header = web::make_frame_header(web::opcode::text, text.size());
  return std::string{header.view()} + text;
}

/// A text frame of `octets` on the wire: `before`, padding, `after`.
std::string padded_frame(std::size_t octets, std::string before, std::string_view after) {
  const auto header = std::size_t{octets - 2 < 126 ? 2U : 4U};
  const auto taken = header + before.size() + after.size();
  before.append(octets > taken ? octets - taken : 0, 'x');
  return text_frame(before.append(after));
}

std::string make_page(std::size_t octets) {
  const std::string before = "<!doctype html><html><head><meta name=\"csrf-token\" content=\"floor\"></head><body>"
                             "<div id=\"phx-floor\" data-phx-session=\"s\" data-phx-static=\"t\">";
  const std::string after = "</div></body></html>";
  std::string body = before + std::string(octets - std::min(octets, before.size() + after.size() + 80), '.') + after;
  return "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n"
       + body;
}

/// A client's frame, unmasked in its place; `octets` moves behind it. Nothing: not whole yet.
std::string_view take_masked(std::string& in, std::size_t& at, bool& is_whole) {
  auto octet = [&](std::size_t i) { return static_cast<unsigned char>(in[at + i]); };
  is_whole = false;
  if (in.size() - at < 8)
    return {};
  auto length = std::size_t{octet(1)} & 0x7f;
  auto header = std::size_t{2};
  if (length == 126) {
    length = std::size_t{octet(2)} << 8 | octet(3);
    header = 4;
  }
  if (in.size() - at < header + 4 + length)
    return {};
  is_whole = true;
  const auto mask = at + header;
  const auto text = mask + 4;
  for (std::size_t i = 0; i < length; ++i)
    in[text + i] = static_cast<char>(in[text + i] ^ in[mask + (i & 3)]);
  at = text + length;
  return std::string_view{in}.substr(text, length);
}

}  // namespace

struct floor_server::connection {
  int fd;
  bool is_upgraded = false;
  std::string unread{};
};

floor_server::floor_server(sizes s)
    : sizes_{s},
      page_{make_page(s.page)},
      epoll_{epoll_create1(EPOLL_CLOEXEC)},
      listener_{socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)},
      scratch_(read_octets_max) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  if (bind(listener_, address, size) < 0 || listen(listener_, backlog) < 0
      || getsockname(listener_, address, &size) < 0)
    throw std::runtime_error{"no port could be listened on"};
  port_ = ntohs(at.sin_port);
  watch(listener_);
}

floor_server::~floor_server() {
  for (const auto& c : by_fd_)
    if (c)
      close(c->fd);
  close(listener_);
  close(epoll_);
}

void floor_server::watch(int fd) const {
  epoll_event e{};
  e.events = EPOLLIN;
  e.data.fd = fd;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e) < 0)
    throw std::runtime_error{"epoll takes no more files"};
}

void floor_server::run(int until) {
  watch(until);
  for (;;) {
    std::array<epoll_event, events_per_turn_max> ready;
    const auto n = epoll_wait(epoll_, ready.data(), events_per_turn_max, -1);
    for (int i = 0; i < n; ++i) {
      const auto fd = ready[static_cast<std::size_t>(i)].data.fd;
      if (fd == until) {
        if (lost_ > 0)
          throw std::runtime_error{std::to_string(lost_) + " frames did not fit into their sockets"};
        return;
      }
      if (fd == listener_)
        accept_all();
      else if (auto* c = by_fd_[static_cast<std::size_t>(fd)].get(); c != nullptr)
        read(*c);
    }
  }
}

void floor_server::accept_all() {
  for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const auto at = static_cast<std::size_t>(fd);
    if (by_fd_.size() <= at)
      by_fd_.resize(at + 1024);
    by_fd_[at] = std::make_unique<connection>(connection{.fd = fd});
    watch(fd);
  }
}

void floor_server::read(connection& c) {
  const auto n = recv(c.fd, scratch_.data(), scratch_.size(), 0);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0)
    return drop(c);
  c.unread.append(scratch_.data(), static_cast<std::size_t>(n));
  if (!(c.is_upgraded || take_requests(c)) || (c.is_upgraded && !take_frames(c)))
    drop(c);
}

bool floor_server::take_requests(connection& c) {
  for (auto end = c.unread.find("\r\n\r\n"); end != std::string::npos && !c.is_upgraded;
       end = c.unread.find("\r\n\r\n")) {
    if (auto key = field_of(std::string_view{c.unread}.substr(0, end + 2), "sec-websocket-key")) {
      const auto line = std::string{key->substr(0, key->find('\r'))};
      write(c.fd, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                  "sec-websocket-accept: "
                      + web::accept_key(line) + "\r\n\r\n");
      c.is_upgraded = true;
      sockets_.push_back(c.fd);
    } else {
      write(c.fd, page_);
    }
    c.unread.erase(0, end + 4);
  }
  return true;
}

bool floor_server::take_frames(connection& c) {
  constexpr unsigned char closing = 0x88;
  std::size_t at = 0;
  for (bool is_whole = true; is_whole;) {
    if (at < c.unread.size() && static_cast<unsigned char>(c.unread[at]) == closing)
      return false;
    const auto text = take_masked(c.unread, at, is_whole);
    if (is_whole)
      take_message(c, text);
  }
  c.unread.erase(0, at);
  return true;
}

void floor_server::take_message(connection& c, std::string_view text) {
  const auto m = read_message(text);
  if (!m)
    return;
  const auto reply_to = [&](std::string_view join_ref) {
    return "[" + std::string{join_ref} + ",\"" + std::string{m->ref} + "\",\"" + std::string{m->topic}
         + R"(","phx_reply",{"status":"ok","response":{)";
  };
  if (m->event == "phx_join")
    write(c.fd, padded_frame(sizes_.join, reply_to("\"1\"") + R"("rendered":")", "\"}}]"));
  else if (m->event == "heartbeat")
    write(c.fd, text_frame(reply_to("null") + "}}]"));
  else if (m->payload.find("\"bump\"") != std::string_view::npos)
    write(c.fd, padded_frame(sizes_.reply, reply_to("\"1\"") + R"("diff":")", "\"}}]"));
  else if (m->payload.find("\"like\"") != std::string_view::npos) {
    const auto all = padded_frame(sizes_.diff, R"(["1",null,"lv:phx-floor","diff",{"0":")", "\"}]");
    for (const auto fd : sockets_)
      write(fd, all);
    write(c.fd, text_frame(reply_to("\"1\"") + "}}]"));
  }
}

void floor_server::write(int fd, std::string_view octets) {
  if (send(fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT) != static_cast<ssize_t>(octets.size()))
    ++lost_;
}

void floor_server::drop(connection& c) {
  std::erase(sockets_, c.fd);
  const auto fd = c.fd;
  by_fd_[static_cast<std::size_t>(fd)].reset();
  close(fd);
}

}  // namespace beamline::bench
