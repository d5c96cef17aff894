#pragma once

#include "apps/event_horizon/content/dates.hpp"
#include "base/time.hpp"

#include <chrono>
#include <string>

namespace beamline::event_horizon {

/// `2026-11-22T14:05:00Z`, for programs.
[[nodiscard]] inline std::string machine_moment(wall_time at) {
  return iso_moment(std::chrono::floor<std::chrono::seconds>(at));
}

}  // namespace beamline::event_horizon
