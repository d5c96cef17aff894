#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::bench {

/// The least a server can do for what a `crowd` sends: one thread, epoll, prepared answers of given sizes. On a `like`
/// it writes one prepared frame to every connection, with one system call each. It keeps no state of sessions, no
/// output, renders nothing and checks nothing: a floor to compare with, not a server. What a socket does not take at
/// once is lost, and counted.
class floor_server {
public:
  /// Octets on the wire, frame headers included.
  struct sizes {
    std::size_t page = 2000;
    std::size_t join = 300;
    std::size_t diff = 57;
    std::size_t reply = 100;
  };

  explicit floor_server(sizes s);
  ~floor_server();
  floor_server(const floor_server&) = delete;
  floor_server& operator=(const floor_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Serves until `until`, a file, can be read. Throws std::runtime_error at its end when something was lost.
  void run(int until);

private:
  struct connection;

  void accept_all();
  void read(connection& c);
  bool take_requests(connection& c);
  bool take_frames(connection& c);
  void take_message(connection& c, std::string_view text);
  void write(int fd, std::string_view octets);
  void drop(connection& c);
  void watch(int fd) const;

  const sizes sizes_;
  const std::string page_;
  int epoll_;
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<connection>> by_fd_;
  std::vector<int> sockets_;  // Those that are upgraded.
  std::size_t lost_ = 0;
  std::vector<char> scratch_;
};

}  // namespace beamline::bench
