#pragma once

#include <nlohmann/json_fwd.hpp>

namespace beamline {

/// A JSON value. This header only names it and is cheap; `base/json.hpp` defines it and is not.
using json = nlohmann::json;

}  // namespace beamline
