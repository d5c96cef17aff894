#pragma once

#include "base/cluster_options.hpp"
#include "base/result.hpp"
#include "net/discovery/discovery.hpp"

#include <vector>

namespace beamline::net {

/// What `[cluster]` asks discovery to do. `own`: where this node itself is dialled, as others write it.
/// Errors: `invalid`, naming the key, its value and what it should be.
[[nodiscard]] result<discovery_options> discovery_settings(const cluster_options& o, std::vector<endpoint> own = {});

}  // namespace beamline::net
