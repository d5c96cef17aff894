#pragma once

#include "base/result.hpp"

namespace caf {
class actor_system;
}

namespace beamline::net {

/// Whether the node id of this system is of our making: CAF's own (hash of network cards and disk, and the process
/// number) is the same for all containers of an image, and such nodes take each other for themselves (caf note, 7.2).
///
/// The object file of this function replaces CAF's reading of the process number by a random one per process; a program
/// has it if it calls this. CAF itself numbers the actor systems of one process (up to 256), so that those may link,
/// too. Errors: `unsupported`.
[[nodiscard]] result<void> check_node_id(const caf::actor_system& system);

}  // namespace beamline::net
