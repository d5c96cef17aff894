#pragma once

#include "supervision/supervisor_spec.hpp"
#include "testing/simulated_node.hpp"

/// The supervision tree of a node:
///
///   all (one_for_one)
///   ├─ pubsub:main · pubsub:red             systems; c has `blue` instead of `red`
///   ├─ guests · crowd                       trackers, in both modes
///   ├─ broadcaster · listener · private_listener
///   └─ host                                 and its guests
namespace beamline::gathering {

[[nodiscard]] supervision::supervisor_spec tree(testing::simulated_node& n);

}  // namespace beamline::gathering
