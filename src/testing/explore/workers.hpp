#pragma once

#include "testing/explore/run.hpp"

#include <cstdint>
#include <functional>

namespace beamline::testing {

/// Makes results on several threads and takes them in their order, so that what comes out does not depend on how many
/// there are. `make(i)` is called for 0, 1, ... below `count`, on any thread; `take(i, result)` for each in turn, never
/// two at once. Once `take` returns false no further one is taken. The calling thread is one of the threads. What
/// either throws ends it all and is thrown here; of several, one.
void work_in_order(std::uint64_t count, unsigned threads, const std::function<run_result(std::uint64_t)>& make,
                   const std::function<bool(std::uint64_t, run_result)>& take);

/// Frees memory in such an order that what is allocated next has other addresses than it would have had.
void shuffle_heap(std::uint64_t seed);

}  // namespace beamline::testing
