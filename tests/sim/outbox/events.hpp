#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string_view>

/// What the program tells telemetry, beside what the outbox itself tells: what checkers see of it.
namespace beamline::sim_outbox {

/// A reader was told that its event counts, or will.
struct promised {
  static constexpr std::string_view event_name = "sim.promised";
  std::string_view token;  // `host/key/number`; of one host and key numbers grow in the order of submission.
  std::string_view how;    // `applied` or `buffered`.
  BEAMLINE_EVENT(token, how)
};

/// It was told that it does not.
struct refused {
  static constexpr std::string_view event_name = "sim.refused";
  std::string_view token;
  BEAMLINE_EVENT(token)
};

/// Durable, at the target.
struct applied {
  static constexpr std::string_view event_name = "sim.applied";
  std::string_view token;
  BEAMLINE_EVENT(token)
};

/// A reader waits for that many outcomes now.
struct waiting {
  static constexpr std::string_view event_name = "sim.waiting";
  std::uint64_t outcomes = 0;
  BEAMLINE_EVENT(outcomes)
};

}  // namespace beamline::sim_outbox
