#pragma once

#include "web/live/statics.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// Small things the encoders of diffs share.
namespace beamline::web::live {

void append_count(std::string& out, std::uint64_t number);
void append_integer(std::string& out, std::int64_t number);

/// Throws std::logic_error if `depth` is more than `tree_depth_max`.
void check_depth(const statics& tpl, std::size_t depth);

}  // namespace beamline::web::live
