#pragma once

#include "apps/accumulator/contracts/losses.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::accumulator {

/// A change was committed: seen once per change, in the order of the commits. The numbers are by how much.
struct change_applied {
  static constexpr std::string_view event_name = "accumulator.applied";
  std::string_view slug;  // Empty: of a page.
  std::int64_t likes = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;
  std::int64_t version = 0;  // Of the post; of a page its own.
  BEAMLINE_EVENT(slug, likes, visits, comments, version)
};

/// What became of an event or a writing call.
struct event_answered {
  static constexpr std::string_view event_name = "accumulator.event";
  std::string_view outcome;  // Of event_outcome.
  std::string_view why;      // Of `rejected` and `retry`: the first word; else empty.
  BEAMLINE_EVENT(outcome, why)
};

/// A call was answered with an error.
struct call_refused {
  static constexpr std::string_view event_name = "accumulator.refused";
  std::string_view procedure;
  std::string_view code;  // As of `errc`.
  std::string_view message;
  BEAMLINE_EVENT(procedure, code, message)
};

/// A round of forgetting is over.
struct swept {
  static constexpr std::string_view event_name = "accumulator.swept";
  std::int64_t ids = 0;
  std::int64_t visits = 0;
  std::uint64_t partitions = 0;  // Days of which all went at once.
  BEAMLINE_EVENT(ids, visits, partitions)
};

}  // namespace beamline::accumulator
