#pragma once

#include "base/time.hpp"

#include <cstdint>

namespace beamline::store {

/// What a backup came to.
struct backup_report {
  std::uint64_t octets = 0;  // Of the file.
  duration took{};
};

}  // namespace beamline::store
