#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::accumulator {

/// A change was committed: seen once per change, in the order of the commits.
struct change_applied {
  static constexpr std::string_view event_name = "accumulator.applied";
  std::string_view slug;
  bool liked = false;
  std::int64_t likes = 0;
  std::int64_t version = 0;
  BEAMLINE_EVENT(slug, liked, likes, version)
};

/// A call was answered with an error.
struct call_refused {
  static constexpr std::string_view event_name = "accumulator.refused";
  std::string_view procedure;
  std::string_view code;  // As of `errc`.
  std::string_view message;
  BEAMLINE_EVENT(procedure, code, message)
};

}  // namespace beamline::accumulator
