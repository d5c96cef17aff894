#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <memory>
#include <string>

namespace beamline {

/// A node with the ports of a real one, for programs that are nothing but processes: examples, benchmarks, small
/// tools. Its log stays in memory. Ends its processes when it is destroyed; who has to know how that went calls
/// `get().shutdown` before.
class simple_node {
public:
  explicit simple_node(std::string name = "simple@127.0.0.1", log_level level = log_level::warn)
      : log_{logger::in_memory(clock_, level)}, timers_{clock_} {
    node::options o;
    o.name = std::move(name);
    node_ = std::make_unique<node>(std::move(o), environment::ports{clock_, random_, *log_, events_, timers_});
  }
  ~simple_node() { (void)node_->shutdown(std::chrono::seconds{10}); }
  simple_node(const simple_node&) = delete;
  simple_node& operator=(const simple_node&) = delete;

  [[nodiscard]] node& get() noexcept { return *node_; }
  node* operator->() noexcept { return node_.get(); }
  [[nodiscard]] const clock& time() const noexcept { return clock_; }
  [[nodiscard]] logger& log() noexcept { return *log_; }
  [[nodiscard]] telemetry& events() noexcept { return events_; }

private:
  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_;
  telemetry events_;
  timer_thread timers_;
  std::unique_ptr<node> node_;
};

}  // namespace beamline
