#pragma once

#include "base/json.hpp"

#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// A field of what came with a request or an event; empty where there is none, or no text.
[[nodiscard]] inline std::string text_of(const json& object, std::string_view key) {
  const auto* found = find_string(object, key);
  return found == nullptr ? std::string{} : *found;
}

}  // namespace beamline::event_horizon
