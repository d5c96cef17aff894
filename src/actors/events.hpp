#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline {

/// A handler of a process threw, which ended the process.
struct process_crashed {
  static constexpr std::string_view event_name = "process.crashed";
  std::uint64_t id = 0;
  std::string_view kind;     // Its class.
  std::string_view message;  // What it was handling.
  std::string_view what;     // What was thrown.
  BEAMLINE_EVENT(id, kind, message, what)
};

/// A process has ended; its id and name are free already.
struct process_ended {
  static constexpr std::string_view event_name = "process.ended";
  std::uint64_t id = 0;
  std::string_view kind;
  std::string_view reason;
  BEAMLINE_EVENT(id, kind, reason)
};

/// A full mailbox refused a message.
struct message_shed {
  static constexpr std::string_view event_name = "process.message_shed";
  std::uint64_t id = 0;
  std::string_view kind;
  std::uint64_t total = 0;  // Refused by this process so far.
  BEAMLINE_EVENT(id, kind, total)
};

/// A message to a stable address was dropped: nobody has the name, and as many as may wait for its next owner do.
struct gap_overflow {
  static constexpr std::string_view event_name = "process.gap_overflow";
  std::string_view name;
  std::uint64_t total = 0;  // Dropped at this name so far.
  BEAMLINE_EVENT(name, total)
};

/// A message was for a type that the process has no handler for; it was dropped.
struct message_unexpected {
  static constexpr std::string_view event_name = "process.message_unexpected";
  std::uint64_t id = 0;
  std::string_view kind;
  std::string_view message;
  BEAMLINE_EVENT(id, kind, message)
};

}  // namespace beamline
