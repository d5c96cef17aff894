#pragma once

#include "actors/timers.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace beamline {

/// The production `timers`: one thread that sleeps until the next deadline.
///
/// Unbounded by itself: every timer belongs to a process, which is bounded by `timers_max`
/// (process.hpp), or to a part of the node that arms a fixed number.
class timer_thread final : public timers {
public:
  explicit timer_thread(const clock& time);
  ~timer_thread() override;  // Forgets what is pending; waits for a function that runs.

  timer_id arm(time_point at, std::function<void()> fire) override;
  void cancel(timer_id id) override;
  void settle() override;

private:
  void run();

  const clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<timer_id, std::function<void()>> pending_;
  std::uint64_t last_ = 0;
  bool stopping_ = false;
  bool is_firing_ = false;
  std::uint64_t fires_ = 0;
  std::condition_variable fired_;
  std::thread thread_;  // Last: starts when all of the above exists.
};

}  // namespace beamline
