#pragma once

#include "supervision/applications/messages.hpp"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace beamline::supervision {

/// The dependencies of an application, in its order; null: there is no such application.
using dependency_lookup = std::function<const std::vector<std::string>*(const std::string& name)>;

/// `names` and all they depend on, each once and behind its dependencies; otherwise in the order written. Errors:
/// `not_found`, with the application that depends on it; `cycle`, with its path in `detail` ("a" -> "b" -> "a").
[[nodiscard]] std::variant<std::vector<std::string>, application_error>
start_order(const std::vector<std::string>& names, const dependency_lookup& find);

}  // namespace beamline::supervision
