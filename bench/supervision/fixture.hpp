#pragma once

#include "actors/simple_node.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

namespace beamline::bench {

/// A node as production has it; its log says nothing of crashes, as what is measured is supervision.
class bench_node : public simple_node {
public:
  bench_node() : simple_node{"bench@127.0.0.1", log_level::critical} {}
};

/// Counts down from any thread; somebody waits for the end.
class countdown {
public:
  explicit countdown(std::int64_t from) : left_{from} {}
  /// False once it was at zero already.
  bool count() {
    auto before = left_.fetch_sub(1, std::memory_order_acq_rel);
    if (before == 1)
      left_.notify_all();
    return before > 0;
  }
  void wait() {
    for (auto left = left_.load(); left > 0; left = left_.load())
      left_.wait(left);
  }

private:
  std::atomic<std::int64_t> left_;
};

}  // namespace beamline::bench
