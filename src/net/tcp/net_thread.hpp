#pragma once

#include "net/event_loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace boost::asio {
class io_context;
}

namespace beamline::net {

/// The thread that a node's connections run on: one Asio context, one thread, from the constructor to `stop`.
///
/// What is made on it (streams, acceptors, dials, resolvers) must be destroyed before it is; used and destroyed on this
/// thread, or after `stop`.
class net_thread final : public event_loop {
public:
  net_thread();
  /// Stops.
  ~net_thread() override;
  net_thread(const net_thread&) = delete;
  net_thread& operator=(const net_thread&) = delete;

  /// Thread-safe, also from the thread itself: then `fn` runs after the present event. A `fn` that comes after `stop`
  /// has begun is destroyed unrun, by the caller.
  void post(std::function<void()> fn) override;

  /// Runs `fn` on the thread and waits for it; after `stop`, runs it at once. Not from the thread itself.
  void run(const std::function<void()>& fn);

  /// Ends the thread and returns when it has ended: what was posted before is run, every connection is closed, and the
  /// completions that wait are destroyed uncalled, on the thread. A second call does nothing. Not from the thread
  /// itself.
  void stop();

  [[nodiscard]] bool is_here() const noexcept;

  // -- for the other parts of net/tcp ------------------------------------------------------

  [[nodiscard]] boost::asio::io_context& io() noexcept;
  /// Room to read into, shared by all connections: valid until the present event ends.
  [[nodiscard]] std::span<char> scratch() noexcept;

  /// Something that owns descriptors and completions of this thread.
  class resident {
  public:
    explicit resident(net_thread& home);
    resident(const resident&) = delete;
    resident& operator=(const resident&) = delete;
    /// Closes what is open and destroys the completions without calling them. May be called more than once.
    virtual void evict() = 0;
    [[nodiscard]] net_thread& home() const noexcept { return home_; }

  protected:
    virtual ~resident();

  private:
    friend class net_thread;
    net_thread& home_;
    resident* before_ = nullptr;
    resident* after_ = nullptr;
  };

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace beamline::net
