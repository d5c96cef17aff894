#pragma once

#include "base/json_fwd.hpp"

#include <functional>
#include <map>
#include <string>

namespace beamline::web::live {

/// Messages for the visitor, by kind ("info", "error"); shown by the view's template until dismissed.
using flash_messages = std::map<std::string, std::string, std::less<>>;

/// What a token or a browser carried: an object of texts. What is no text is left out.
[[nodiscard]] flash_messages flash_from(const json& object);

}  // namespace beamline::web::live
