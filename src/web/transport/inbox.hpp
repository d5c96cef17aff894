#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace beamline::web::transport {

class session;

/// The door through which other threads reach the server's thread. Whoever finds it empty posts one wake-up; all
/// that come in before it is served share it. Outlives the server, and then does nothing.
class inbox : public std::enable_shared_from_this<inbox> {
public:
  explicit inbox(boost::asio::io_context& io) : io_{&io} {}

  /// Has `session::on_wake` called on the server's thread. Any thread.
  void wake(std::weak_ptr<session> who);
  /// Refuses all later wake-ups. Called before the io_context goes.
  void stop();

private:
  void serve();

  std::mutex mutex_;
  boost::asio::io_context* io_;  // Null once stopped.
  std::vector<std::weak_ptr<session>> waiting_;
};

}  // namespace beamline::web::transport
