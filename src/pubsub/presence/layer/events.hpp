#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

/// What the presence layer tells telemetry.
namespace beamline::presence::layer {

/// A diff went out to the subscribers of its topic on this node. `waited`: since it was taken, fetch included.
struct diff_published {
  static constexpr std::string_view event_name = "presence.diff_published";
  std::string_view presence;
  std::string_view topic;
  std::uint64_t joins = 0;  // Metas.
  std::uint64_t leaves = 0;
  duration waited{};
  BEAMLINE_EVENT(presence, topic, joins, leaves, waited)
};

/// A fetch threw, took too long, could not be run, or did not keep keys and metas: what it was for goes out as it was
/// tracked (D179).
struct fetch_failed {
  static constexpr std::string_view event_name = "presence.fetch_failed";
  std::string_view presence;
  std::string_view topic;
  std::string_view why;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(presence, topic, why, total)
};

/// handle_metas threw; the diff was published all the same.
struct handle_metas_failed {
  static constexpr std::string_view event_name = "presence.handle_metas_failed";
  std::string_view presence;
  std::string_view topic;
  std::string_view why;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(presence, topic, why, total)
};

/// The pubsub system did not take a diff: its subscribers here miss it.
struct diff_refused {
  static constexpr std::string_view event_name = "presence.diff_refused";
  std::string_view presence;
  std::string_view topic;
  std::string_view why;
  std::uint64_t total = 0;
  BEAMLINE_EVENT(presence, topic, why, total)
};

}  // namespace beamline::presence::layer
