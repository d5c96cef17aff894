#pragma once

#include "testing/explore/explore.hpp"

#include <string>

namespace beamline::sim_outbox {

/// Two hosts whose readers make events, and a target that two of its lives share a disk of. I37 to I41.
[[nodiscard]] testing::explorer explore_outbox(std::string name);

}  // namespace beamline::sim_outbox
