#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::house {

/// A client has started a task.
struct task_begun {
  static constexpr std::string_view event_name = "house.task_begun";
  std::uint64_t client = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(client, number)
};

/// ... and was told how it went.
struct task_told {
  static constexpr std::string_view event_name = "house.task_told";
  std::uint64_t client = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(client, number)
};

}  // namespace beamline::house
