#pragma once

#include "actors/peers.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::linked {

/// The connection over which that node reaches the other one now; 0: none.
[[nodiscard]] inline std::uint64_t connection_with(testing::simulated_node& n, std::string_view other) {
  for (const auto& p : n.env().peers().list(node_kinds::all))
    if (p.identity.name == other)
      return p.connection;
  return 0;
}

}  // namespace beamline::linked
