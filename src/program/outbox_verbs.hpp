#pragma once

#include "actors/node.hpp"
#include "program/control/dispatcher.hpp"
#include "program/recovery_file.hpp"

#include <memory>

namespace beamline::program {

/// What `beamline remote NODE outbox` shows of the events that wait, and does about them:
///
///   outbox [status]          how many wait, for whom, since when; dead letters; counts since the start
///   outbox queue_size        how many wait
///   outbox peek [N]          the first ones that wait
///   outbox enqueue JSON      one event more, as a line of a recovery file has it; id and time are made, if it has none
///   outbox trigger_sync      send now, whatever pause there is
///   outbox dead [N]          what can never be applied, and why
///   outbox retry ID|all      dead letters wait again
///   outbox discard ID|all    they are gone for good
///   outbox import FILE       events of a recovery file; FILE as the node sees it
///
/// Every result has a "text" for people; docs/outbox.md describes the rest. `n` must outlive the verbs.
void add_outbox_verbs(control::dispatcher& verbs, node& n, std::shared_ptr<recovery_file> files);

// `peek` and `dead` show so many unless asked for another number, and no more than that many.
inline constexpr std::size_t outbox_shown = 20;
inline constexpr std::size_t outbox_shown_max = 1000;
// Of a payload, in text for people.
inline constexpr std::size_t outbox_payload_shown = 40;
// An import is answered when all of it is on the disk.
inline constexpr duration outbox_import_time = std::chrono::minutes{1};

}  // namespace beamline::program
