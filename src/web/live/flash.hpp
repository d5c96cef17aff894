#pragma once

#include <functional>
#include <map>
#include <string>

namespace beamline::web::live {

/// Messages for the visitor, by kind ("info", "error"); shown by the view's template until dismissed.
using flash_messages = std::map<std::string, std::string, std::less<>>;

}  // namespace beamline::web::live
