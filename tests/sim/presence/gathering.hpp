#pragma once

#include "testing/explore/explore.hpp"
#include "testing/explore/scenario.hpp"

#include <memory>
#include <string>

/// PubSub systems and presence trackers, in both modes, over the real links on three nodes, with programs that use
/// both. See tree.hpp for the programs, checkers/ for what must hold.
namespace beamline::gathering {

[[nodiscard]] std::unique_ptr<testing::scenario> make_gathering();

/// A campaign over it: the names that can be killed, the events that faults strike at.
[[nodiscard]] testing::explorer explore_gathering(std::string name);

}  // namespace beamline::gathering
