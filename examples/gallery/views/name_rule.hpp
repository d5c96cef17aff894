#pragma once

#include "web/live/form_rules.hpp"

#include <optional>
#include <string>

namespace gallery {

/// What is wrong with the name under which somebody wants to be known; nothing: it will do.
[[nodiscard]] inline std::optional<std::string> name_problem(const std::string& name) {
  namespace live = beamline::web::live;
  const auto typed = std::string{live::trimmed(name)};
  if (typed.size() != name.size())
    return "Please leave out the space before and after the name.";
  if (live::length{{.min = 2, .max = 30}}(typed))
    return "A name has 2 to 30 characters.";
  return std::nullopt;
}

}  // namespace gallery
