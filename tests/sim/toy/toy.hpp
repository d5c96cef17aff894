#pragma once

#include "sim/toy/setup.hpp"
#include "testing/explore/explore.hpp"
#include "testing/explore/scenario.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beamline::toy {

/// A small but real program on three nodes: supervision tree, links, outbox with drain and couriers, accumulator,
/// pubsub, presence, calls with time-outs, clients; SQLite on a simulated disk. See tree.hpp.
[[nodiscard]] std::unique_ptr<testing::scenario> make_toy(mistake planted = mistake::none);

/// A campaign over it: the names that can be killed, the events that faults strike at.
[[nodiscard]] testing::explorer explore_toy(std::string name, mistake planted = mistake::none);

}  // namespace beamline::toy
