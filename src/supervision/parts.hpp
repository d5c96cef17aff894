#pragma once

#include "actors/environment.hpp"

#include <functional>
#include <stdexcept>
#include <string>

namespace beamline::supervision {

/// A part of the node that supervision can do without; null when nobody provided it.
template <class T>
[[nodiscard]] T* find_part(environment& env) {
  try {
    return &env.get<T>();
  } catch (const std::logic_error&) {
    return nullptr;
  }
}

/// What zombie_policy::abort does instead of std::abort, when provided: for tests, and for hosts that want a last word.
struct abort_handler {
  std::function<void(const std::string& why)> run;
};

}  // namespace beamline::supervision
