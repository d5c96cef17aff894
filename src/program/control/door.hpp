#pragma once

#include <functional>
#include <mutex>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace beamline::program::control {

/// The way into the server's thread for answers that come from others, also after the server has ended.
class door {
public:
  explicit door(boost::asio::io_context& io) : io_{&io} {}

  void post(std::function<void()> what) {
    std::lock_guard lock{mutex_};
    if (io_ != nullptr)
      boost::asio::post(*io_, std::move(what));
  }

  void close() {
    std::lock_guard lock{mutex_};
    io_ = nullptr;
  }

private:
  std::mutex mutex_;
  boost::asio::io_context* io_;  // Null once the server has ended.
};

}  // namespace beamline::program::control
