#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string_view>

/// What the readers, and whoever strikes at disks, tell telemetry, beside what the real parts tell: what checkers see.
namespace beamline::sim_outbox {

/// A reader is about to hand this event to its outbox. Nobody can have it yet.
struct offered {
  static constexpr std::string_view event_name = "sim.offered";
  std::string_view token;  // `host-key-number`; of one host and key numbers grow in the order of submission.
  std::string_view id;     // Of the event.
  std::string_view what;   // One of `kind`, by its name.
  std::string_view key;    // Slug of the post, or name of the page.
  std::string_view visitor;
  std::int64_t amount = 0;  // Of a like without a visitor: by how much. Of one with: 1 is a like, 0 takes it back.
  BEAMLINE_EVENT(token, id, what, key, visitor, amount)
};

/// A reader was told that its event counts, or will.
struct promised {
  static constexpr std::string_view event_name = "sim.promised";
  std::string_view token;
  std::string_view entry;  // The id under which it goes: its own, or that of the waiting event it was merged into.
  std::string_view how;    // `applied` or `buffered`.
  BEAMLINE_EVENT(token, entry, how)
};

/// It was told that it does not, or that nobody knows.
struct refused {
  static constexpr std::string_view event_name = "sim.refused";
  std::string_view token;
  BEAMLINE_EVENT(token)
};

/// A reader waits for that many outcomes now.
struct waiting {
  static constexpr std::string_view event_name = "sim.waiting";
  std::uint64_t outcomes = 0;
  BEAMLINE_EVENT(outcomes)
};

/// The machine stops in the middle of this operation on its disk.
struct struck {
  static constexpr std::string_view event_name = "sim.struck";
  std::string_view operation;
  std::string_view file;
  BEAMLINE_EVENT(operation, file)
};

}  // namespace beamline::sim_outbox
