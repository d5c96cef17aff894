#include "pubsub/subscription.hpp"

#include <utility>

namespace beamline::pubsub {

message subscription::take() {
  std::lock_guard lock{mutex_};
  is_woken_ = false;
  return is_kept_ ? newest_ : std::exchange(newest_, message{});
}

bool subscription::offer(const message& m, std::uint64_t sequence, topic_class kind) {
  std::lock_guard lock{mutex_};
  if (sequence > sequence_) {
    sequence_ = sequence;
    newest_ = m;
    is_kept_ = kind == topic_class::last_value;
  }
  return !std::exchange(is_woken_, true);
}

bool subscription::is_to_look() const {
  std::lock_guard lock{mutex_};
  return is_woken_;
}

}  // namespace beamline::pubsub
