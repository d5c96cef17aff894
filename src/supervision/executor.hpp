#pragma once

#include <functional>

namespace beamline::supervision {

/// Runs functions that may block, one after another, in the order they were given: what one of them begins, a later one
/// may end. Thread-safe. `helper_thread` is the real one.
class executor {
public:
  virtual ~executor() = default;

  /// Returns at once, but for the inline version. `job` must not throw.
  virtual void run(std::function<void()> job) = 0;
};

/// Runs each function where it is given: for the simulator, which has one thread, and for components that never block.
class inline_executor final : public executor {
public:
  void run(std::function<void()> job) override { job(); }
};

}  // namespace beamline::supervision
