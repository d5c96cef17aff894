#include "web/channels/fast_lane.hpp"

#include "actors/process_access.hpp"
#include "base/telemetry.hpp"
#include "web/channels/broadcast.hpp"
#include "web/channels/events.hpp"

namespace beamline::web::channels {

namespace {

/// To the process of a channel that intercepts the event.
void hand_over(const process_access& by, const pubsub::entry& to, const fast_lane& lane, const std::string& topic,
               const beamline::message& m) {
  if (lane.waiting.fetch_add(1) < fast_lane::intercepted_waiting_max)
    return by.cast(to.subscriber, m);
  lane.waiting.fetch_sub(1);
  if (lane.is_overrun.exchange(true))
    return;
  by.self().env().events().emit(channel_overrun{topic, static_cast<std::uint64_t>(fast_lane::intercepted_waiting_max)});
  by.exit(to.subscriber, reason::custom(std::to_string(fast_lane::intercepted_waiting_max)
                                        + " intercepted broadcasts wait for the channel, which is too slow for them"));
}

}  // namespace

void channel_dispatcher::dispatch(process& in, std::span<const pubsub::entry> entries, const pid&,
                                  const std::string& topic, const beamline::message& m) const {
  const auto by = process_access{in};
  const auto event = event_of(m);
  auto encoded = frame{};
  for (const auto& to : entries) {
    const auto* lane = to.metadata_as<fast_lane>();
    if (lane == nullptr || !event) {
      by.cast(to.subscriber, m);
    } else if (lane->intercepted.contains(event->event)) {
      hand_over(by, to, *lane, topic, m);
    } else {
      if (!encoded.body)
        encoded = encode(topic, *event);
      lane->port->broadcast(lane->id, encoded);
    }
  }
}

}  // namespace beamline::web::channels
