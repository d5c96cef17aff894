#pragma once

#include "base/time.hpp"
#include "live/load/page_facts.hpp"
#include "live/load/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::bench {

/// Many visitors of one page, each with a connection and a joined view of its own, in one thread. Where several servers
/// have the page, visitors go to them in turn.
///
/// They do as the npm client does: the page is loaded (over `page_connections` kept alive, which are all closed when
/// `join` returns), the connection upgraded with what the page said, the view joined; then `heartbeats` keep it. What
/// the server sends is checked to be whole messages of the protocol. Everything that should not happen throws
/// std::runtime_error: a join that is refused, a view that crashes, a connection that is closed.
class crowd {
public:
  struct options {
    std::vector<std::uint16_t> ports;
    std::string page;
    std::size_t at_once = 32;  // So many are on their way from the first request to the joined view.
  };

  /// Told of what comes for a visitor, with the octets it took on the wire. `at`: when it was read. `on_join` has the
  /// payload of the reply to the join.
  struct listener {
    std::function<void(std::size_t who, std::string_view payload)> on_join{};
    std::function<void(std::size_t who, std::string_view payload, std::size_t octets, time_point at)> on_diff{};
    std::function<void(std::size_t who, std::string_view payload, std::size_t octets, time_point at)> on_reply{};
  };

  explicit crowd(options o);
  ~crowd();
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  /// So many more come; returns when their views are joined. Throws when that takes longer than `within`.
  void join(std::size_t more, duration within);
  /// The system's buffer for what comes to those who join from now on; 0: as large as the system likes.
  void receive_at_most(int octets) noexcept { receive_octets_ = octets; }
  [[nodiscard]] std::size_t size() const noexcept { return visitors_.size(); }
  /// Octets of the last page and of the last join's reply on the wire.
  [[nodiscard]] std::size_t page_octets() const noexcept { return page_octets_; }
  [[nodiscard]] std::size_t join_octets() const noexcept { return join_octets_; }

  void listen(listener l) { listener_ = std::move(l); }
  /// One visitor clicks on the element with that event.
  void click(std::size_t who, std::string_view event);
  /// Its connection is not read any more, and sends nothing.
  void freeze(std::size_t who);
  void thaw(std::size_t who);
  void heartbeat(std::size_t who);

  /// Posts nothing to that path of the first server and waits for the answer, which must be 200.
  void post(std::string_view path) const;

  /// Reads what has come, waiting for something at most so long.
  void step(duration wait);
  /// Steps until `is_over()`, or that much time has passed; returns whether it was over.
  bool run_until(const std::function<bool()>& is_over, duration within);
  void run_for(duration d);

  [[nodiscard]] time_point now() const { return clock_.now(); }

private:
  struct visitor;
  struct page_connection;

  void start_some();
  void load_pages();
  void open_page(page_connection& c);
  void read_page(page_connection& c);
  void connect(visitor& v, const http_answer& page);
  void read_visitor(visitor& v);
  void take(visitor& v, std::string_view octets, time_point at);
  void take_frame(visitor& v, const server_frame& f, time_point at);
  void send_message(visitor& v, std::string_view topic, std::string_view event, std::string_view payload);
  [[nodiscard]] int open_socket(std::uint16_t port) const;
  [[nodiscard]] std::uint16_t port_of(std::size_t index) const { return opts_.ports[index % opts_.ports.size()]; }
  void watch(int fd, std::uint64_t tag) const;
  [[noreturn]] void fail(const visitor& v, const std::string& what) const;

  options opts_;
  system_clock clock_;
  int epoll_;
  std::vector<std::unique_ptr<visitor>> visitors_;
  std::vector<std::unique_ptr<page_connection>> pages_;
  std::vector<std::deque<std::size_t>> without_page_;  // By the place of their port.
  int receive_octets_ = 0;
  std::size_t wanted_ = 0;
  std::size_t joined_ = 0;
  std::size_t page_octets_ = 0;
  std::size_t join_octets_ = 0;
  listener listener_;
  std::vector<char> scratch_;
};

}  // namespace beamline::bench
