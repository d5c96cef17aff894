#pragma once

#include "actors/pid.hpp"
#include "actors/process.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

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

struct subscribe_options {
  delivery how = delivery::each;
  overflow when_full = overflow::drop;
  // For dispatchers: what they know their subscribers by. Shared, immutable.
  std::shared_ptr<const void> metadata{};
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
