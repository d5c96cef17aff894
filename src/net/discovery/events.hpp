#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>

/// What discovery tells telemetry.
namespace beamline::net {

/// All sources have answered, or have had their time.
struct discovery_round_done {
  static constexpr std::string_view event_name = "discovery.round";
  std::uint64_t round = 0;
  std::uint64_t addresses = 0;  // Named by all sources together.
  std::uint64_t added = 0;      // Of them: not known before.
  std::uint64_t failed = 0;     // Sources that did not answer.
  duration took{};
  BEAMLINE_EVENT(round, addresses, added, failed, took)
};

/// An attempt to link begins.
struct discovery_attempt_started {
  static constexpr std::string_view event_name = "discovery.attempt_started";
  std::string_view address;
  std::string_view role;  // Expected there; may be empty.
  BEAMLINE_EVENT(address, role)
};

/// An attempt to link has its outcome.
struct discovery_attempt_done {
  static constexpr std::string_view event_name = "discovery.attempt";
  std::string_view address;
  std::string_view node;     // Who is there, as far as that is known.
  std::string_view outcome;  // `connected`, `already`, `self`, `unreachable`, `refused`, ...
  duration took{};
  BEAMLINE_EVENT(address, node, outcome, took)
};

}  // namespace beamline::net
