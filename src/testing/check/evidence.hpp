#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beamline {
class process;
}

namespace beamline::testing {

class simulated_node;
class world;

// Words for the evidence of checkers.

/// `1.203s`: since the world began.
[[nodiscard]] std::string moment(const world& w);

/// `app::cart "cart" <a@sim.5>`.
[[nodiscard]] std::string who(const process& p);
/// `"cart" <a@sim.5>`, of a process that may have ended; without a label only the address.
[[nodiscard]] std::string who(const simulated_node& n, std::uint64_t id, std::string_view label = {});

}  // namespace beamline::testing
