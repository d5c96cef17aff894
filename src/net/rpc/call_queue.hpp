#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace beamline::net::rpc {

/// Whose turn it is at one procedure: at most so many run, at most so many wait, in order (D89). Pure.
///
/// What has waited beyond its deadline is never run (D86).
class call_queue {
public:
  struct limits {
    std::size_t running_max;
    std::size_t waiting_max;
  };
  enum class answer : std::uint8_t { run, wait, refused };

  explicit call_queue(limits l) : limits_{l} {}

  /// A call has come; with `run` it counts as running.
  [[nodiscard]] answer offer(std::uint64_t id, time_point deadline) {
    if (running_ < limits_.running_max) {
      ++running_;
      return answer::run;
    }
    if (waiting_.size() >= limits_.waiting_max)
      return answer::refused;
    waiting_.push_back({id, deadline});
    return answer::wait;
  }

  /// One that ran has ended. `expired`: waited too long, and are gone now; `next`, if not 0, runs from now on.
  struct turn {
    std::vector<std::uint64_t> expired;
    std::uint64_t next = 0;
  };
  [[nodiscard]] turn finished(time_point now) {
    --running_;
    turn t;
    while (!waiting_.empty() && t.next == 0) {
      auto w = waiting_.front();
      waiting_.pop_front();
      if (w.deadline <= now)
        t.expired.push_back(w.id);
      else
        t.next = w.id;
    }
    if (t.next != 0)
      ++running_;
    return t;
  }

  /// Nobody waits for it any more. False: it does not wait, it runs, or is gone.
  bool withdraw(std::uint64_t id) {
    return std::erase_if(waiting_, [id](const waiting_call& w) { return w.id == id; }) > 0;
  }

  [[nodiscard]] std::size_t running() const noexcept { return running_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
  struct waiting_call {
    std::uint64_t id;
    time_point deadline;
  };

  limits limits_;
  std::size_t running_ = 0;
  std::deque<waiting_call> waiting_;
};

}  // namespace beamline::net::rpc
