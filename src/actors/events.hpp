#pragma once

#include "actors/crash_report.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline {

/// A process ends by its own fault (see crash_report). Who knows the type reads the whole report; who does not sees the
/// fields that lists and metrics want.
struct process_crashed {
  static constexpr std::string_view event_name = "process.crashed";
  const crash_report& full;  // Borrowed for the length of the call.
  std::uint64_t id = full.who.id();
  std::string_view kind = full.kind;         // Its class.
  std::string_view label = full.label;       // What its supervisor calls it.
  std::string_view message = full.handling;  // What it was handling.
  std::string_view what = full.why.text;     // What was thrown, or the reason's text.
  crash_report::ending how = full.how;
  std::string_view exception = full.exception_type;
  duration handling_for = full.handling_for;
  std::uint32_t incarnation = full.incarnation;
  duration age = full.age;
  std::int64_t depth = full.depth;
  std::uint64_t handled = full.handled;
  BEAMLINE_EVENT(id, kind, label, message, what, how, exception, handling_for, incarnation, age, depth, handled)
};

/// A process is there; its `init` comes next. Each is followed by one `process_ended`.
struct process_started {
  static constexpr std::string_view event_name = "process.started";
  std::uint64_t id = 0;
  std::string_view kind;     // Its class.
  std::string_view label;    // What its supervisor calls it.
  std::string_view name;     // Registered at birth.
  std::uint64_t parent = 0;  // 0: the node.
  std::uint32_t incarnation = 1;
  std::uint64_t position = 0;  // Among its siblings.
  BEAMLINE_EVENT(id, kind, label, name, parent, incarnation, position)
};

/// A process has ended; its id and name are free already.
struct process_ended {
  static constexpr std::string_view event_name = "process.ended";
  std::uint64_t id = 0;
  std::string_view kind;
  std::string_view reason;
  BEAMLINE_EVENT(id, kind, reason)
};

/// A process makes a call.
struct call_started {
  static constexpr std::string_view event_name = "process.call_started";
  std::uint64_t caller = 0;
  std::uint64_t ref = 0;  // Of this call, on its node.
  std::string_view to;
  std::string_view message;  // Its type.
  duration within{};
  BEAMLINE_EVENT(caller, ref, to, message, within)
};

/// A call has its outcome, and the caller is about to be told. One for each `call_started`, unless the caller ends
/// first. A call that was made before anybody wanted this event is not told.
struct call_done {
  static constexpr std::string_view event_name = "process.call_done";
  std::uint64_t caller = 0;
  std::uint64_t ref = 0;
  std::string_view outcome;  // `ok`, or the kind of the error.
  duration took{};
  BEAMLINE_EVENT(caller, ref, outcome, took)
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
