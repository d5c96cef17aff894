#pragma once

#include "supervision/registry/registry.hpp"
#include "supervision/supervisor_spec.hpp"

#include <string>
#include <vector>

namespace beamline::toy {

/// The names of one node's processes. Reached by `env().get<names>()`.
using names = supervision::registry<std::string>;

/// The supervision tree of a node of the cluster `nodes`:
///
///   toy (one_for_one)
///   ├─ core (rest_for_one)
///   │  └─ names · monitor · pubsub · presence
///   └─ clients (one_for_one)
///      └─ responder · asker · load
[[nodiscard]] supervision::supervisor_spec toy_tree(const names& n, const std::vector<std::string>& nodes);

}  // namespace beamline::toy
