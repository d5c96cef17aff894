#pragma once

#include <cstddef>

namespace beamline::pubsub::groups {

// A longer name of a group, or an empty one, is refused: `badarg`.
inline constexpr std::size_t group_name_bytes_max = 255;
// Of a scope; it is part of a process' name.
inline constexpr std::size_t scope_name_bytes_max = 64;
// What one node may have in one group, multiplicity counted; a join beyond it is refused whole: `system_limit`.
inline constexpr std::size_t memberships_per_group_max = 65'536;
// What one node may have in one scope; the same. A peer that tells of more is not believed: the rest is dropped,
// logged.
inline constexpr std::size_t memberships_max = 500'000;
// Monitors of one scope; one more is refused: `system_limit`.
inline constexpr std::size_t monitors_max = 100'000;

}  // namespace beamline::pubsub::groups
