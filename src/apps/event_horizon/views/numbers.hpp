#pragma once

#include "actors/process_text.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

/// Numbers as pages show them.
namespace beamline::event_horizon {

/// `1,234`. Nothing that is counted here is below zero.
[[nodiscard]] inline std::string count_text(std::int64_t n) {
  return grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0)));
}

/// `footer-visits`
[[nodiscard]] inline std::string figure_id(std::string_view of, std::string_view what) {
  return std::string{of} + "-" + std::string{what};
}

}  // namespace beamline::event_horizon
