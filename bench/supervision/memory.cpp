// What an idle supervised child costs in memory, by the resident size of this program.

#include "children.hpp"

#include <benchmark/benchmark.h>

#include <fstream>
#include <malloc.h>
#include <unistd.h>

namespace beamline::bench {

namespace {

double resident_bytes() {
  malloc_trim(0);
  std::ifstream statm{"/proc/self/statm"};
  std::size_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// Runs first: later ones would start on memory that was used before.
void idle_child_memory(benchmark::State& state) {
  for (auto _ : state) {
    bench_node n;
    auto before = resident_bytes();
    auto top = start_all(n);
    state.counters["bytes_per_child"] = (resident_bytes() - before) / static_cast<double>(children);
    (void)n->stop_sync(top, reason::shutdown(), 60s);
  }
}

}  // namespace

BENCHMARK(idle_child_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
