#pragma once

#include "base/config/section.hpp"

#include <cstddef>

namespace beamline::accumulator {

/// What an administrator decides about the accumulator: section `accumulator` of the configuration.
struct accumulator_options {
  // Calls that wait for the store at the same time. One more is answered `busy` and changes nothing.
  std::size_t calls_max = 4096;
};

[[nodiscard]] config::section<accumulator_options> accumulator_section();

}  // namespace beamline::accumulator
