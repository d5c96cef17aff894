#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beamline::config {

/// Number of insertions, removals, replacements and swaps of neighbours that turn `a` into `b`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `wrong` was probably meant to be, or "" if none is close. The earlier one wins a tie.
[[nodiscard]] std::string closest(std::string_view wrong, const std::vector<std::string>& candidates);

}  // namespace beamline::config
