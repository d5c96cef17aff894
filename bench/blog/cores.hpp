#pragma once

#include "blog/cluster.hpp"
#include "live/figures.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace beamline::bench {

/// How many cores were busy with what since it was made: each kind of node, the links' proxy, this program, and all
/// that has nothing to do with it.
class cores {
public:
  explicit cores(const cluster& c);
  /// Adds them to the figures of the last `seconds`.
  void add_to(figures& f, double seconds) const;

private:
  struct part {
    std::string what;
    std::vector<pid_t> processes;
    double us_before;
  };
  std::vector<part> parts_;
  double busy_before_;
};

}  // namespace beamline::bench
