#pragma once

#include "apps/accumulator/contracts.hpp"

#include <string_view>

namespace beamline::event_horizon::cluster {

/// Whether a node of this name and role is an accumulator that is asked: by its role, or, where `cluster.remote_prefix`
/// is configured, by the beginning of its name.
[[nodiscard]] inline bool is_owner(std::string_view remote_prefix, std::string_view name, std::string_view role) {
  return remote_prefix.empty() ? role == accumulator::role : name.starts_with(remote_prefix);
}

}  // namespace beamline::event_horizon::cluster
