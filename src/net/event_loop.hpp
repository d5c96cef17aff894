#pragma once

#include <functional>

namespace beamline::net {

/// Where the connections of a node run: one thread in production, events of the node in the simulation.
class event_loop {
public:
  virtual ~event_loop() = default;

  /// Runs `fn` there, after what was posted before. Thread-safe; `fn` is dropped once the loop has ended.
  virtual void post(std::function<void()> fn) = 0;
};

}  // namespace beamline::net
