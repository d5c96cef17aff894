#pragma once

#include <sys/resource.h>

namespace beamline::bench {

/// Lets this program have as many open files as the system allows it; returns how many those are.
inline rlim_t allow_many_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace beamline::bench
