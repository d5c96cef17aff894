#pragma once

#include "testing/check/effects.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace beamline::toy {

/// What an item is called in evidence.
[[nodiscard]] std::string effect_id(std::string_view target, std::string_view origin, std::int64_t event);

template <class Event>
[[nodiscard]] std::string effect_id(const Event& e) {
  return effect_id(e.target, e.origin, e.event);
}

/// How often each item was applied, as the tables of all nodes that run say. Runs the world until they are read; throws
/// simulation_error when one cannot be.
[[nodiscard]] testing::effect_counts ledger_of(testing::world& w);

}  // namespace beamline::toy
