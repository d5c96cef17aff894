#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/result.hpp"

#include <string_view>

/// Arguments of procedures as they come from other nodes: decoded and checked. Pure.
namespace beamline::accumulator {

/// Error: `invalid`, for octets that are no such message, and for a slug or visitor that cannot exist. It names the
/// procedure, the field, the value and what was expected.
[[nodiscard]] result<update_likes> read_update_likes(std::string_view octets);
[[nodiscard]] result<get_blog_stats> read_get_blog_stats(std::string_view octets);

}  // namespace beamline::accumulator
