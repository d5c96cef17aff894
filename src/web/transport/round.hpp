#pragma once

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace beamline::web::transport {

/// What the server's thread keeps to the end of a round: until it has served everything that was ready when it last
/// asked the system. Server's thread only; outlives the server, and then keeps nothing.
class round : public std::enable_shared_from_this<round> {
public:
  // With as much all of it is let go before the round ends: whoever waits for it has enough to do, and has waited for
  // about a millisecond.
  static constexpr std::size_t kept_max = 256;

  explicit round(boost::asio::io_context& io) : io_{&io} {}

  void keep(std::shared_ptr<void> what);
  /// No round ends any more: lets go of everything, and of what still comes at once. Before the io_context goes.
  void stop();

private:
  void let_go();

  boost::asio::io_context* io_;  // Null once stopped.
  std::vector<std::shared_ptr<void>> kept_;
  bool is_end_due_ = false;  // Its end is in the io_context's queue, behind all that is ready.
};

}  // namespace beamline::web::transport
