#pragma once

#include <caf/actor_config.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace beamline {

/// What a process is born with, beside the arguments of its class. Plain spawns leave all of it out; supervisors
/// fill it in for their children.
struct birth {
  // Who is its parent: the process that spawned it; 0: the node itself.
  std::uint64_t parent = 0;
  // Not 0: the parent is told how the start went and when the process is gone (signals.hpp), with this number.
  std::uint64_t start_ref = 0;
  // Registered before anything of it runs; empty: none. When the name is taken the spawn throws `name_taken`.
  std::string name{};
  // Called with its id in the turn of its parent, before anything of it runs: takes a name for it elsewhere, in a
  // registry. What this throws the spawn throws, and there is no such process.
  std::function<void(std::uint64_t)> claim{};
  // What its supervisor calls it; for trees and reports.
  std::string label{};
  // Which life of its slot this is, from 1 on.
  std::uint32_t incarnation = 1;
  // Where it stands among its siblings, for trees: smaller first.
  std::uint64_t position = 0;
  // Runs on a thread of its own: for the few that block. Stuck, it costs that thread and not one of the scheduler's.
  // The simulator has one thread for everything and ignores it.
  bool has_own_thread = false;
};

namespace detail {

/// What every process is constructed from: the spawn functions of `process` and `node` are the only ones who make
/// processes, so a constructor may rely on it.
struct process_config : caf::actor_config {
  birth how;
  std::size_t object_bytes = 0;
};

}  // namespace detail

}  // namespace beamline
