#pragma once

#include "testing/explore/explore.hpp"
#include "testing/explore/scenario.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beamline::toy {

/// A small but real program on three nodes: supervision tree, links, pubsub, presence, calls with time-outs, clients.
/// See tree.hpp. What has a disk, an outbox and an accumulator: tests/sim/outbox.
[[nodiscard]] std::unique_ptr<testing::scenario> make_toy();

/// A campaign over it: the names that can be killed, the events that faults strike at.
[[nodiscard]] testing::explorer explore_toy(std::string name);

}  // namespace beamline::toy
