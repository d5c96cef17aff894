#pragma once

#include "testing/explore/explore.hpp"

#include <memory>
#include <string>

namespace beamline::sim_outbox {

/// Two hosts whose readers make events of all classes, with the real outbox and the real process that shows numbers,
/// and a real accumulator: I37 to I42. Besides the faults of the plan, machines stop at operations of their disks.
/// Making the factory reads files; what it makes does not.
[[nodiscard]] testing::scenario_factory outbox_factory();
[[nodiscard]] testing::explorer explore_outbox(std::string name, testing::scenario_factory make = outbox_factory());

}  // namespace beamline::sim_outbox
