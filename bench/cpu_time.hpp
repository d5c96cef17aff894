#pragma once

#include <sys/resource.h>

namespace beamline::bench {

/// CPU time of the whole program so far, in microseconds: on a shared machine steadier than time on the wall.
inline double cpu_us() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return us(u.ru_utime) + us(u.ru_stime);
}

}  // namespace beamline::bench
