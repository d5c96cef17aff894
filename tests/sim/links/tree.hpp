#pragma once

#include "supervision/supervisor_spec.hpp"

/// The supervision tree of a node:
///
///   all (one_for_one)
///   ├─ pg                                 process groups
///   ├─ errands (rest_for_one)             rpc · errand_host · errand_client
///   ├─ witness · speaker                  numbers, by name, pid and service
///   ├─ pond · mourner                     short lives, watched and ended from afar
///   ├─ answerer · asker                   calls
///   └─ joiner · follower                  groups
namespace beamline::linked {

[[nodiscard]] supervision::supervisor_spec tree();

}  // namespace beamline::linked
