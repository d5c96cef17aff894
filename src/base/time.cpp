#include "base/time.hpp"

namespace beamline {

// The one place of the program that reads the machine's clocks.

time_point system_clock::now() const {
  return time_point{std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

wall_time system_clock::wall_now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace beamline
