#pragma once

// What the layer itself puts into mailboxes. `process::consume` handles these; handlers never see them.

#include "actors/call.hpp"
#include "actors/pid.hpp"
#include "actors/reason.hpp"

#include <any>
#include <cstdint>
#include <functional>

namespace beamline {

/// Stands for `init` where the message of a handler is shown.
struct process_init {};

/// Somebody asks this process to end (S1), or a linked process has ended (S2).
struct exit_signal {
  pid from;  // Empty: the node, or somebody outside any process.
  reason why;
  bool is_link = false;     // `from` is dead and was linked.
  bool is_counted = false;  // Until it arrives the receiver `is_asked_to_stop`; set by the table.
};

/// A watched process has ended.
struct down_signal {
  std::uint64_t ref;
  reason why;
};

/// A call of this process that was parked at a stable address has got to the new owner of the name.
struct call_taken {
  std::uint64_t ref;
  std::uint64_t callee;
};

/// A call of this process to one of another node has its outcome.
struct call_finished {
  std::uint64_t ref;
  call_result outcome;
};

/// A timer of this process is due.
struct timer_signal {
  std::uint64_t ref;
};

/// Something that ran elsewhere (a store worker, a socket thread) is done; `run` belongs into this
/// process' own turn.
struct resume_signal {
  std::function<void()> run;
};

/// Asks a process to end with this reason, in order: its `terminate` runs. Unlike an exit signal it means the same for
/// every process, whether it traps exits or not, and a supervisor stops its children first (S79, S156). Sent by
/// `stop_process`; whoever may cast to a process may stop it.
struct stop_order {
  reason why;
};

/// A supervised child has finished its `init` and runs (M7).
struct child_started {
  std::uint64_t start_ref;
  std::any info;  // What it passed to `start_info`; empty mostly.
};

/// A supervised child is gone: its resources are released and its object is destroyed, so a successor may take
/// its place (M4). The last that is ever heard of a start_ref.
struct child_gone {
  enum class stage : std::uint8_t {
    starting,  // Its start failed; `why` says how.
    ignored,   // It wanted not to be started (S36).
    running,   // It had started and has ended.
  };
  std::uint64_t start_ref;
  stage when;
  reason why;
};

}  // namespace beamline
