#pragma once

#include "actors/fwd.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/mailbox_element.hpp>

#include <functional>

namespace beamline {

/// Lets the simulator suspend a handler between two of its sends (simulation note, section 8): an order
/// that happens on several threads and that one thread alone never shows.
class mail_hook {
public:
  virtual ~mail_hook() = default;
  /// True: the hook took the message and will pass it to `enqueue_now` later.
  virtual bool hold(process& to, caf::mailbox_element_ptr& message) = 0;
  /// Calls `tell` when all is out that `from`, which is being destroyed, has sent.
  virtual void after_sends(const process& from, std::function<void()> tell) = 0;
  /// Whether the handler that has just returned is to count as still running, see testing::block.
  [[nodiscard]] virtual bool is_busy(const process& p) = 0;
};

/// CAF's configuration object is how a process finds its node.
struct system_config : caf::actor_system_config {
  environment* env = nullptr;
  mail_hook* mail = nullptr;  // Null in production.
};

}  // namespace beamline
