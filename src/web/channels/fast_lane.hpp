#pragma once

#include "pubsub/system/entry.hpp"
#include "web/channels/port.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace beamline::web::channels {

/// What the dispatcher knows of a channel: its connection, to which frames go past the channel's process, and which
/// events the process wants to see first. Metadata of its subscription; a subscriber with other metadata, or none, is
/// no channel to it. Immutable but for the two counters.
struct fast_lane {
  // A channel that has so many intercepted broadcasts still to look at is ended, with phx_error, when another comes: a
  // client is better off joining again than seeing a gap.
  static constexpr std::int64_t intercepted_waiting_max = 1024;

  std::shared_ptr<channel_port> port;
  channel_id id = 0;
  std::set<std::string, std::less<>> intercepted;
  mutable std::atomic<std::int64_t> waiting{0};  // Cast to the process, not yet seen by it.
  mutable std::atomic<bool> is_overrun{false};
};

/// Broadcasts to channels (D113): encodes at most once per call, and gives the same octets to every socket.
class channel_dispatcher final : public pubsub::dispatcher {
public:
  void dispatch(process& in, std::span<const pubsub::entry> entries, const pid& from, const std::string& topic,
                const beamline::message& m) const override;
};

}  // namespace beamline::web::channels
