#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::web::channels {

/// A client did not read: more than `limit` octets were waiting for it when another frame was to follow. Its connection
/// is closed with 1008.
struct connection_slow {
  static constexpr std::string_view event_name = "channels.slow";
  std::string_view route;
  std::uint64_t pending = 0;
  std::uint64_t limit = 0;
  BEAMLINE_EVENT(route, pending, limit)
};

/// A client has sent more than the rates of its endpoint allow. It is not read from for that long.
struct connection_throttled {
  static constexpr std::string_view event_name = "channels.throttled";
  std::string_view route;
  duration pause{};
  BEAMLINE_EVENT(route, pause)
};

/// A connection was refused by the application (403) or for lack of room (503).
struct connect_refused {
  static constexpr std::string_view event_name = "channels.connect_refused";
  std::string_view route;
  std::string_view why;
  BEAMLINE_EVENT(route, why)
};

/// A join of a user channel was decided. A join that crashed is a death like any other, and gives no such event.
struct channel_joined {
  static constexpr std::string_view event_name = "channels.join";
  std::string_view route;  // The pattern, not the topic: a label of a metric.
  bool is_accepted = false;
  duration took{};
  BEAMLINE_EVENT(route, is_accepted, took)
};

/// A user channel has handled one event of its client.
struct event_handled {
  static constexpr std::string_view event_name = "channels.event";
  std::string_view route;
  std::string_view event;
  duration took{};
  BEAMLINE_EVENT(route, event, took)
};

/// A channel had `limit` intercepted broadcasts to look at when one more came; it is ended, and its client joins again.
struct channel_overrun {
  static constexpr std::string_view event_name = "channels.overrun";
  std::string_view topic;
  std::uint64_t limit = 0;
  BEAMLINE_EVENT(topic, limit)
};

}  // namespace beamline::web::channels
