#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace beamline::program::control {

/// Where a node's control socket is, and the name it must have, if one was given.
struct location {
  std::filesystem::path socket;
  std::string node;  // "name@host", or empty.
};

/// `node` is `name@host`, the name alone (`accumulator_1`), or a path: of a socket, or of a data directory; a path has
/// a slash in it. Names are looked up below `var`. `invalid` for a text that is no name.
[[nodiscard]] result<location> locate(const std::string& node, const std::filesystem::path& var);

/// The names of the nodes below `var` that answer, in order; at most `running_nodes_max`.
[[nodiscard]] std::vector<std::string> running_nodes(const std::filesystem::path& var);
inline constexpr std::size_t running_nodes_max = 64;

}  // namespace beamline::program::control
