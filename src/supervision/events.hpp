#pragma once

#include "base/telemetry.hpp"
#include "supervision/report.hpp"

#include <string_view>

namespace beamline::supervision {

/// A supervisor has something to say about a child or itself (S180-S185). Who knows the type reads the whole report;
/// who does not sees the fields that lists and metrics want.
struct supervisor_reported {
  static constexpr std::string_view event_name = "supervision.report";
  const report& full;  // Borrowed for the length of the call.
  report::kind what = full.what;
  std::string_view supervisor_label = full.supervisor_label;
  std::uint64_t supervisor = full.supervisor.id();
  std::string_view id = full.id;
  std::uint64_t child = full.child.id();
  std::string_view child_kind = full.child_kind;
  std::string_view reason{};  // The text form of `full.why`.
  std::uint32_t incarnation = full.incarnation;
  std::size_t restarts_in_period = full.restarts_in_period;
  duration lived = full.lived;
  duration took = full.took;
  BEAMLINE_EVENT(what, supervisor_label, supervisor, id, child, child_kind, reason, incarnation, restarts_in_period,
                 lived, took)
};

}  // namespace beamline::supervision
