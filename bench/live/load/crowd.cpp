#include "live/load/crowd.hpp"

#include "live/load/sockets.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace beamline::bench {

namespace {

constexpr std::size_t page_connections = 16;
constexpr std::size_t read_octets_max = std::size_t{256} * 1024;
constexpr int events_per_step_max = 1024;
// Tags from here on are those of connections for pages, below are visitors.
constexpr std::uint64_t first_page_tag = 1ULL << 32;

enum class phase : std::uint8_t { waiting, upgrading, joining, joined };

}  // namespace

struct crowd::visitor {
  std::size_t index = 0;
  int fd = -1;
  phase at = phase::waiting;
  bool is_frozen = false;
  std::uint32_t last_ref = 0;
  std::string topic{};
  std::string unread{};  // The beginning of a frame.
  std::unique_ptr<page_facts> facts{};
};

struct crowd::page_connection {
  std::size_t index = 0;
  int fd = -1;
  std::optional<std::size_t> busy_with{};
  std::string unread{};
};

crowd::crowd(options o)
    : opts_{std::move(o)},
      epoll_{epoll_create1(EPOLL_CLOEXEC)},
      without_page_(opts_.ports.size()),
      scratch_(read_octets_max) {
  if (opts_.ports.empty())
    throw std::runtime_error{"a crowd needs a server"};
  if (epoll_ < 0)
    fail_with_errno("epoll_create1");
}

crowd::~crowd() {
  for (const auto& v : visitors_)
    if (v->fd >= 0)
      close(v->fd);
  for (const auto& c : pages_)
    if (c->fd >= 0)
      close(c->fd);
  close(epoll_);
}

void crowd::fail(const visitor& v, const std::string& what) const {
  throw std::runtime_error{"visitor " + std::to_string(v.index) + " of " + opts_.page + ": " + what};
}

// -- sockets -------------------------------------------------------------------------------------

int crowd::open_socket(std::uint16_t port) const { return connect_here(port, {.receive_octets = receive_octets_}); }

void crowd::watch(int fd, std::uint64_t tag) const {
  epoll_event e{};
  e.events = EPOLLIN;
  e.data.u64 = tag;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e) < 0)
    fail_with_errno("epoll_ctl");
}

// -- joining -------------------------------------------------------------------------------------

void crowd::join(std::size_t more, duration within) {
  wanted_ += more;
  for (std::size_t i = 0; i < page_connections; ++i) {
    pages_.push_back(std::make_unique<page_connection>());
    pages_.back()->index = i;
  }
  const auto is_complete = run_until([this] { return joined_ == wanted_; }, within);
  for (const auto& c : pages_)
    if (c->fd >= 0)
      close(c->fd);
  pages_.clear();
  if (!is_complete)
    throw std::runtime_error{"only " + std::to_string(joined_) + " of " + std::to_string(wanted_) + " visitors of "
                             + opts_.page + " have joined"};
}

void crowd::start_some() {
  while (visitors_.size() < wanted_ && visitors_.size() - joined_ < opts_.at_once) {
    visitors_.push_back(std::make_unique<visitor>());
    visitors_.back()->index = visitors_.size() - 1;
    without_page_[visitors_.back()->index % without_page_.size()].push_back(visitors_.back()->index);
  }
  load_pages();
}

void crowd::load_pages() {
  for (auto& c : pages_) {
    auto& waiting = without_page_[c->index % without_page_.size()];
    if (c->busy_with || waiting.empty())
      continue;
    if (c->fd < 0)
      open_page(*c);
    c->busy_with = waiting.front();
    waiting.pop_front();
    send_whole(c->fd,
               "GET " + opts_.page + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_of(c->index)) + "\r\n\r\n");
  }
}

void crowd::open_page(page_connection& c) {
  c.fd = open_socket(port_of(c.index));
  watch(c.fd, first_page_tag + c.index);
}

void crowd::read_page(page_connection& c) {
  const auto n = recv(c.fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0) {  // It had its share of requests, or was idle for long.
    close(std::exchange(c.fd, -1));
    if (c.busy_with)
      without_page_[c.index % without_page_.size()].push_front(*std::exchange(c.busy_with, std::nullopt));
    return;
  }
  c.unread.append(scratch_.data(), static_cast<std::size_t>(n));
  const auto answer = read_answer(c.unread);
  if (!answer)
    return;
  page_octets_ = answer->octets;
  connect(*visitors_[c.busy_with.value()], *answer);
  if (field_of(answer->head, "connection") == "close")
    close(std::exchange(c.fd, -1));
  c.unread.clear();
  c.busy_with.reset();
}

void crowd::connect(visitor& v, const http_answer& page) {
  v.facts = std::make_unique<page_facts>(facts_of(page));
  v.topic = "lv:" + v.facts->view_id;
  v.fd = open_socket(port_of(v.index));
  v.at = phase::upgrading;
  watch(v.fd, v.index);
  send_whole(v.fd, upgrade_request(*v.facts, port_of(v.index)));
}

// -- what comes ------------------------------------------------------------------------------------

void crowd::read_visitor(visitor& v) {
  const auto n = recv(v.fd, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0)
    fail(v, "the server has closed the connection");
  const auto at = now();
  if (v.unread.empty())
    return take(v, {scratch_.data(), static_cast<std::size_t>(n)}, at);
  auto all = std::exchange(v.unread, {});
  all.append(scratch_.data(), static_cast<std::size_t>(n));
  take(v, all, at);
}

void crowd::take(visitor& v, std::string_view octets, time_point at) {
  if (v.at == phase::upgrading) {
    const auto answer = read_answer(octets);
    if (!answer) {
      v.unread = octets;
      return;
    }
    if (answer->status != 101)
      fail(v, "the upgrade was answered " + std::to_string(answer->status));
    octets.remove_prefix(answer->octets);
    v.at = phase::joining;
    send_message(v, v.topic, "phx_join",
                 join_payload(*v.facts, "http://127.0.0.1:" + std::to_string(port_of(v.index)) + opts_.page));
  }
  while (const auto f = read_frame(octets)) {
    octets.remove_prefix(f->octets);
    take_frame(v, *f, at);
  }
  if (!octets.empty())
    v.unread = octets;
}

void crowd::take_frame(visitor& v, const server_frame& f, time_point at) {
  constexpr std::uint8_t text = 1;
  const auto m = f.opcode == text ? read_message(f.payload) : std::nullopt;
  if (!m)
    fail(v, "the server sent opcode " + std::to_string(f.opcode) + ": " + std::string{f.payload.substr(0, 100)});
  if (m->event == "diff") {
    if (listener_.on_diff)
      listener_.on_diff(v.index, m->payload, f.octets, at);
  } else if (m->event != "phx_reply" || !m->payload.starts_with(R"({"status":"ok")")) {
    fail(v, std::string{m->event} + " " + std::string{m->payload.substr(0, 200)});
  } else if (v.at == phase::joining) {
    v.at = phase::joined;
    v.facts.reset();
    join_octets_ = f.octets;
    ++joined_;
    if (listener_.on_join)
      listener_.on_join(v.index, m->payload);
  } else if (listener_.on_reply && m->topic == v.topic) {
    listener_.on_reply(v.index, m->payload, f.octets, at);
  }
}

// -- what visitors do ------------------------------------------------------------------------------

void crowd::send_message(visitor& v, std::string_view topic, std::string_view event, std::string_view payload) {
  std::string text = topic == v.topic ? "[\"1\",\"" : "[null,\"";
  text += std::to_string(++v.last_ref);
  for (auto part : {topic, event}) {
    text += "\",\"";
    text += part;
  }
  text += "\",";
  text += payload;
  text += ']';
  std::string frame;
  append_text_frame(frame, text);
  send_whole(v.fd, frame);
}

void crowd::click(std::size_t who, std::string_view event) {
  auto& v = *visitors_.at(who);
  send_message(v, v.topic, "event", R"({"type":"click","event":")" + std::string{event} + R"(","value":{"value":""}})");
}

void crowd::heartbeat(std::size_t who) {
  if (auto& v = *visitors_.at(who); !v.is_frozen)
    send_message(v, "phoenix", "heartbeat", "{}");
}

void crowd::freeze(std::size_t who) {
  auto& v = *visitors_.at(who);
  if (!std::exchange(v.is_frozen, true) && epoll_ctl(epoll_, EPOLL_CTL_DEL, v.fd, nullptr) < 0)
    fail_with_errno("epoll_ctl");
}

void crowd::thaw(std::size_t who) {
  auto& v = *visitors_.at(who);
  if (std::exchange(v.is_frozen, false))
    watch(v.fd, v.index);
}

void crowd::post(std::string_view path) const {
  const auto fd = open_socket(opts_.ports.front());
  send_whole(fd, "POST " + std::string{path} + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(opts_.ports.front())
                     + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  std::string all;
  std::array<char, 1024> part{};
  for (ssize_t n = 0; (n = recv(fd, part.data(), part.size(), 0)) > 0;)
    all.append(part.data(), static_cast<std::size_t>(n));
  close(fd);
  const auto answer = read_answer(all);
  if (!answer || answer->status != 200)
    throw std::runtime_error{"POST " + std::string{path} + " was answered: " + all.substr(0, 100)};
}

// -- the loop --------------------------------------------------------------------------------------

void crowd::step(duration wait) {
  start_some();
  std::array<epoll_event, events_per_step_max> ready;
  const auto ms = static_cast<int>(std::max<std::int64_t>(0, to_ms(wait)));
  const auto n = epoll_wait(epoll_, ready.data(), events_per_step_max, ms);
  for (int i = 0; i < n; ++i) {
    const auto tag = ready[static_cast<std::size_t>(i)].data.u64;
    if (tag < first_page_tag)
      read_visitor(*visitors_[tag]);
    else
      read_page(*pages_[tag - first_page_tag]);
  }
}

bool crowd::run_until(const std::function<bool()>& is_over, duration within) {
  constexpr duration wait = std::chrono::milliseconds{5};
  for (const auto end = now() + within; !is_over();) {
    if (now() >= end)
      return false;
    step(wait);
  }
  return true;
}

void crowd::run_for(duration d) {
  (void)run_until([] { return false; }, d);
}

}  // namespace beamline::bench
