#pragma once

#include "base/cluster_options.hpp"
#include "base/result.hpp"
#include "net/discovery/discovery.hpp"

#include <string_view>

namespace beamline::net {

// In place of a name: there is nothing to ask (DC3).
inline constexpr std::string_view ignored_query = "ignore";

/// What `[cluster]` asks discovery to do. `own`: where this node itself is dialled, as others write it.
/// Errors: `invalid`, naming the key, its value and what it should be.
[[nodiscard]] result<discovery_options> discovery_settings(const cluster_options& o, std::vector<endpoint> own = {});

}  // namespace beamline::net
