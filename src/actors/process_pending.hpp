#pragma once

#include "actors/call.hpp"
#include "actors/signals.hpp"
#include "actors/timers.hpp"

#include <caf/actor_control_block.hpp>

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace beamline::detail {

/// What one process waits for. Made when it first waits for anything; owned and used by it alone.
struct process_pending {
  struct timer {
    timer_id id;
    std::function<void()> run;
  };
  struct watch {
    std::uint64_t target = 0;
    std::function<void(const reason&)> run;
    bool is_remote = false;
  };
  struct call {
    std::uint64_t timer = 0;
    std::uint64_t callee = 0;  // Watched under the call's number: its death is the call's end.
    reply_handler done;
    std::optional<time_point> begun{};  // When telemetry was told of it.
  };

  // Looked up by key only: the order of these tables is never seen.
  std::unordered_map<std::uint64_t, timer> timers;
  std::unordered_map<std::uint64_t, watch> watches;
  std::unordered_map<std::uint64_t, call> calls;
  bool has_remote = false;  // Among the watches and calls there are, or were, some of other nodes.
  std::function<void(const exit_signal&)> on_exit;
  std::any start_info;
  caf::strong_actor_ptr gate;                          // See reply_gate.hpp.
  std::vector<std::weak_ptr<promise_state>> promises;  // In the order they were made.
  // Those made in the current turn are held to its end: when the handler throws, they say why.
  std::vector<std::shared_ptr<promise_state>> made_now;

  [[nodiscard]] std::size_t size() const { return timers.size() + watches.size() + calls.size() + promises.size(); }

  void add_promise(const std::shared_ptr<promise_state>& p) {
    // Answered ones are swept out whenever the list would grow, so it stays within twice the open ones.
    if (promises.size() == promises.capacity())
      std::erase_if(promises, [](const auto& w) { return w.expired(); });
    promises.push_back(p);
    made_now.push_back(p);
  }
};

}  // namespace beamline::detail
