#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::web {

/// The answer to a request has left, to its last octet. A client that goes before gives no event.
struct request_done {
  static constexpr std::string_view event_name = "web.request";
  std::string_view route;  // The pattern; empty when none matched.
  std::string_view method;
  int status = 0;
  duration took{};          // From the complete request to the last octet of the answer.
  std::uint64_t bytes = 0;  // Of the answer's body.
  BEAMLINE_EVENT(route, method, status, took, bytes)
};

/// A request says whom it was forwarded for and comes from this machine or a private network, but no proxy is trusted:
/// all who are behind that one count as one client.
struct proxy_not_named {
  static constexpr std::string_view event_name = "web.proxy_not_named";
  std::string_view peer;
  BEAMLINE_EVENT(peer)
};

struct socket_opened {
  static constexpr std::string_view event_name = "web.socket_open";
  std::string_view route;
  std::string_view peer;
  BEAMLINE_EVENT(route, peer)
};

struct socket_closed {
  static constexpr std::string_view event_name = "web.socket_close";
  std::string_view route;
  std::string_view why;  // See `close_reason::kind`.
  std::uint16_t code = 0;
  duration age{};
  BEAMLINE_EVENT(route, why, code, age)
};

}  // namespace beamline::web
