#pragma once

#include "testing/explore/explore.hpp"
#include "testing/explore/scenario.hpp"

#include <memory>
#include <string>

/// The real links, remote processes, rpc and process groups on three nodes, with programs that use all of it. See
/// tree.hpp for the programs, checkers/ for what must hold.
namespace beamline::linked {

[[nodiscard]] std::unique_ptr<testing::scenario> make_links();

/// A campaign over it: the names that can be killed, the events that faults strike at.
[[nodiscard]] testing::explorer explore_links(std::string name);

}  // namespace beamline::linked
