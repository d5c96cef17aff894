#pragma once

#include "actors/peers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace beamline::net {

/// A message from one node to another, as the gates exchange it.
struct link_message {
  enum class kind : std::uint8_t { service = 1, signal = 2 };
  kind what{};
  std::string_view service{};  // Empty for a signal; service_octets_max at most.
  std::string_view payload{};
};

// A longer name of a service is refused as `too_large`.
inline constexpr std::size_t service_octets_max = 255;

/// By lane, from the most urgent on: what operators read in telemetry and in `links`.
inline constexpr std::array<std::string_view, 4> lane_names{"control", "rpc", "presence", "broadcast"};

[[nodiscard]] constexpr std::string_view to_string(lane l) { return lane_names.at(static_cast<std::size_t>(l)); }

}  // namespace beamline::net
