#pragma once

#include "base/result.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>

namespace caf {
class actor_system;
}

namespace beamline::net {

/// CAF's I/O on the net thread: the thread that carries the octets between CAF and the peers also runs CAF's
/// multiplexer, instead of a thread of CAF's own. A message between nodes so wakes one thread less on its way out and
/// one less on its way in, and each wake costs more than all the work done for the message.
///
/// Made by any thread but the net thread's; destroyed on the net thread, or after it has ended. Until one is made, and
/// after it was destroyed or evicted, CAF's I/O stands still: nothing is lost, the next one goes on.
class caf_loop final : public net_thread::resident {
public:
  /// Error: `unsupported` if the middleman has a thread of its own (see `load_carriers`) or no epoll descriptor.
  [[nodiscard]] static result<std::shared_ptr<caf_loop>> start(net_thread& home, caf::actor_system& system);
  ~caf_loop() override;

  /// To be called after anything was said to an actor of the middleman. CAF notices by itself what other threads say,
  /// so that the call does something on the net thread only. Thread-safe.
  void nudge();

  void evict() override;

private:
  struct impl;
  caf_loop(net_thread& home, std::shared_ptr<impl> i);
  std::shared_ptr<impl> impl_;
};

}  // namespace beamline::net
