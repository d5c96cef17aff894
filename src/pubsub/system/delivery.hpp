#pragma once

#include "base/log.hpp"
#include "pubsub/system/core.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace beamline::pubsub::detail {

/// Notices, in this thread and as long as it lives, which processes refuse what they are sent since their mailbox is
/// full: their node tells telemetry of it in the sender's turn.
class refusals {
public:
  explicit refusals(const core& of);
  ~refusals();
  refusals(const refusals&) = delete;
  refusals& operator=(const refusals&) = delete;

  /// For the handler of message_shed of that system.
  static void note(const core& of, std::uint64_t process);

  /// Whether one was noted since the last call.
  [[nodiscard]] bool take() {
    auto any = !processes_.empty();
    processes_.clear();
    return any;
  }
  [[nodiscard]] std::vector<std::uint64_t> take_all() { return std::exchange(processes_, {}); }

private:
  const core& of_;
  refusals* outer_;
  std::vector<std::uint64_t> processes_;
};

/// One message on its way to the subscribers of this node.
struct delivery_job {
  const topic_partition::round& round;
  const message& m;
  topic_class kind;
  const std::string& event_id;
  pid but;                         // Whose subscriptions are left out.
  const dispatcher* by = nullptr;  // Null: the default.
  std::string_view dispatcher_name;
};

/// In the turn of `in`.
void deliver(core& of, process& in, const delivery_job& job);

/// What a new subscriber has missed of a last_value topic, in anybody's turn.
void deliver_current(core& of, const subscription_ptr& to, const topic_partition::current_value& v);

/// Wakes that subscriber again; true: it took it, or has looked.
[[nodiscard]] bool wake_again(core& of, process& in, const subscription_ptr& to);

}  // namespace beamline::pubsub::detail
