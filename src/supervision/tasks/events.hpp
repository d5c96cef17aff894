#pragma once

#include "base/telemetry.hpp"

#include <cstdint>
#include <string_view>

namespace beamline::supervision {

/// A task failed by itself (S133).
struct task_terminated {
  static constexpr std::string_view event_name = "task.terminated";
  std::uint64_t id = 0;
  std::string_view label;
  std::uint64_t starter = 0;  // Who asked for it; 0: nobody but its supervisor.
  std::string_view function;
  std::string_view reason;
  BEAMLINE_EVENT(id, label, starter, function, reason)
};

}  // namespace beamline::supervision
