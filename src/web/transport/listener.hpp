#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "web/transport/context.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace beamline::web::transport {

// Connections the system holds ready for us. After a restart all clients come back within 10 ms.
inline constexpr int accept_backlog = 4096;

// Connections beyond `connections_max` that are told so; still more are closed without a word.
inline constexpr std::size_t refusals_max = 64;

// When the process or the system is out of descriptors, accepting rests for this long instead of spinning.
inline constexpr duration accept_pause = 100ms;

/// One listening socket.
class listener : public std::enable_shared_from_this<listener> {
public:
  listener(context& ctx, boost::asio::ip::tcp::acceptor acceptor);

  void start() { do_accept(); }
  /// Server's thread.
  void stop();

private:
  void do_accept();
  void on_accept(boost::system::error_code ec, boost::asio::ip::tcp::socket stream);
  void pause(const boost::system::error_code& ec);

  context& ctx_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  once_per log_limit_{10s};
  bool is_stopped_ = false;
};

/// Listens on what `web.bind` and `web.port` name; all sockets have the same port.
[[nodiscard]] result<std::vector<std::shared_ptr<listener>>> open_listeners(context& ctx, std::uint16_t& port);

}  // namespace beamline::web::transport
