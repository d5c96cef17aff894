#pragma once

namespace beamline::bench {

/// Ends the two processes that the benchmarks between nodes have started, if any.
void end_links();

}  // namespace beamline::bench
