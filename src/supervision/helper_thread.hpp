#pragma once

#include "base/time.hpp"
#include "supervision/executor.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace beamline::supervision {

/// An executor with a thread of its own, which is started with the first function and sleeps between them.
///
/// One per component, so that one that hangs holds up nobody else. Unbounded by itself: a component has at most one
/// start and one end waiting per life.
class helper_thread final : public executor {
public:
  helper_thread() = default;
  /// As `end`.
  ~helper_thread() override;
  helper_thread(const helper_thread&) = delete;
  helper_thread& operator=(const helper_thread&) = delete;

  void run(std::function<void()> job) override;

  /// Blocks the caller until nothing is queued or runs; false when that takes longer than `limit`. Not for processes.
  [[nodiscard]] bool await_idle(duration limit);
  /// Does what is queued, then ends the thread; what is given later is not run. Ask `await_idle` before, if it may
  /// hang. To be called before the node is destroyed: what CAF keeps for a thread that called it goes with the thread
  /// only, and CAF waits for it.
  void end();

private:
  void work();

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // The first one runs.
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace beamline::supervision
