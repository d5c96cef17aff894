#pragma once

#include "actors/node.hpp"
#include "program/control/dispatcher.hpp"
#include "supervision/board.hpp"

namespace beamline::program {

/// What `beamline remote NODE` shows of a node's processes and does to them:
///
///   tree [PATH] [DEPTH] [CHILDREN]      the supervision tree, or the part below a process
///   info NAME                           everything about one process
///   processes [SORT] [N]                the first N by depth, busy, memory or age
///   zombies                             killed processes that are still in a handler
///   kill NAME [REASON]                  sends an exit signal and says what became of it
///   restart NAME                        has its supervisor stop and start it
///
/// A NAME is a pid, a registered name or a path (supervision/process_names.hpp). All but the last two read the process
/// table and the boards only: they ask no process, so a stuck one does not delay them. Every result has a "text" for
/// people; `docs/operating/inspecting.md` describes the rest. `n` and `boards` must outlive the verbs.
void add_supervision_verbs(control::dispatcher& verbs, node& n, const supervision::board_registry& boards);

// What the arguments of `tree` may ask for at most.
inline constexpr std::int64_t tree_depth_max = 200;
inline constexpr std::int64_t tree_children_max = 100'000;
// Lines of `processes`: by default, and at most.
inline constexpr std::int64_t processes_shown = 20;
inline constexpr std::int64_t processes_shown_max = 100'000;
// `kill` tells what happened within this time; by default, and at most.
inline constexpr duration kill_watch_time = 1s;
inline constexpr duration kill_watch_time_max = 1min;

}  // namespace beamline::program
