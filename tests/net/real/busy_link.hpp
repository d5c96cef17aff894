#pragma once

#include "net/real/real_node.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace beamline::testing {

/// How long this machine does not get round to a thread that has next to nothing to do: what limits of time are
/// widened by, so that they speak of us and not of what else runs here.
class machine_pauses {
public:
  machine_pauses() : watcher_{[this] { watch(); }} {}
  ~machine_pauses() {
    over_.set_value();
    watcher_.join();
  }
  machine_pauses(const machine_pauses&) = delete;
  machine_pauses& operator=(const machine_pauses&) = delete;

  [[nodiscard]] std::chrono::milliseconds longest() const { return std::chrono::milliseconds{longest_ms_.load()}; }

private:
  void watch() {
    constexpr auto nap = 5ms;
    auto over = over_.get_future();
    for (auto before = clock_.now(); over.wait_for(nap) != std::future_status::ready;) {
      auto now = clock_.now();
      longest_ms_ = std::max(longest_ms_.load(), to_ms(now - before - nap));
      before = now;
    }
  }
  system_clock clock_;
  std::atomic<std::int64_t> longest_ms_{0};
  std::promise<void> over_;
  std::thread watcher_;
};

/// Calls that go on both ways between two nodes for as long as this lives.
class busy_link {
public:
  busy_link(real_node& a, real_node& b) {
    for (int i = 0; i < 2; ++i) {
      a.home().spawn<caller>(b.process("echo"), record_);
      b.home().spawn<caller>(a.process("echo"), record_);
    }
  }
  ~busy_link() { record_->is_over = true; }
  busy_link(const busy_link&) = delete;
  busy_link& operator=(const busy_link&) = delete;

  [[nodiscard]] const call_record& seen() const noexcept { return *record_; }
  /// Whether that many more calls were answered in time.
  [[nodiscard]] bool goes_on(std::uint64_t calls = 20) const {
    auto until = record_->answered + calls;
    return eventually([&] { return record_->answered >= until; });
  }
  [[nodiscard]] std::int64_t slowest_ms() const { return record_->slowest / 1'000'000; }
  /// What the machine itself may have added to the slowest one, which passes threads of both nodes, twice.
  [[nodiscard]] std::int64_t allowance_ms() const { return 4 * pauses_.longest().count(); }
  void forget_slowest() { record_->slowest = 0; }

private:
  machine_pauses pauses_;
  std::shared_ptr<call_record> record_ = std::make_shared<call_record>();
};

}  // namespace beamline::testing
