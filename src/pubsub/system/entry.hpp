#pragma once

#include "actors/pid.hpp"
#include "actors/process.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>

namespace beamline::pubsub {

class seen_events;
class subscription;
using subscription_ptr = std::shared_ptr<subscription>;

/// How a subscriber is told.
enum class delivery : std::uint8_t {
  each,    // Every message is cast to it.
  signal,  // It is cast `signalled` once, and not again before it has looked (`subscription::take`): constant memory.
};

/// What a full mailbox means (process::limit_mailbox). Either way it is counted and told by the event pubsub.overflow.
enum class overflow : std::uint8_t {
  drop,        // That message is lost to it; a `signalled` is sent again every `signal_retry` until it is taken.
  disconnect,  // It loses the subscription as well, and gets an exit signal: it may read slowly, but not with gaps.
};

/// What dispatchers know a subscriber by: one shared, immutable value of any type. Only who asks for that type sees it,
/// so dispatchers of different kinds, and subscribers that none of them knows, share a system.
class subscriber_metadata {
public:
  subscriber_metadata() = default;
  template <class T>
  subscriber_metadata(std::shared_ptr<T> value)  // NOLINT: implicit on purpose
      : value_{std::move(value)}, type_{value_ ? &typeid(T) : nullptr} {}

  [[nodiscard]] const void* value() const noexcept { return value_.get(); }
  [[nodiscard]] const std::type_info* type() const noexcept { return type_; }

  friend bool operator==(const subscriber_metadata& m, std::nullptr_t) noexcept { return m.value_ == nullptr; }

private:
  std::shared_ptr<const void> value_;
  const std::type_info* type_ = nullptr;
};

struct subscribe_options {
  delivery how = delivery::each;
  overflow when_full = overflow::drop;
  subscriber_metadata metadata{};  // For dispatchers.
  // For subscription sets: what the subscriber was told already, to drop repetitions.
  std::shared_ptr<seen_events> seen{};
};

/// What a subscriber with delivery::signal is cast: look now. The newest value of a last_value topic, or that something
/// came; how much that was does not matter.
struct signalled {
  subscription_ptr what;
};

/// What a dispatcher sees of one subscription.
struct entry {
  pid subscriber;
  const void* metadata = nullptr;
  const std::type_info* type = nullptr;  // Of the metadata.

  /// Null: it has none, or of another type.
  template <class T>
  [[nodiscard]] const T* metadata_as() const noexcept {
    return type != nullptr && *type == typeid(T) ? static_cast<const T*>(metadata) : nullptr;
  }
};

/// Hands one message to the subscribers of a topic on one node, by whatever they understand: the fast lane of channels
/// writes one encoded frame to all sockets (D113). Called in the broadcaster's turn, for remote messages in a worker's,
/// never for no entries (D112). Subscribers with delivery::signal are not among the entries: the system wakes them.
/// `from`: whose entries are left out already; empty: nobody's, or the sender is elsewhere. What it throws is counted
/// and told by the event pubsub.dispatch_failed; nobody else is disturbed (D114).
class dispatcher {
public:
  virtual ~dispatcher() = default;
  virtual void dispatch(process& in, std::span<const entry> entries, const pid& from, const std::string& topic,
                        const message& m) const = 0;
};

}  // namespace beamline::pubsub
