#pragma once

#include <functional>
#include <string>

namespace beamline::supervision {

/// What zombie_policy::abort does instead of std::abort, when provided: for tests, and for hosts that want a last word.
struct abort_handler {
  std::function<void(const std::string& why)> run;
};

}  // namespace beamline::supervision
