#include "net/links_bench.hpp"

#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  // Not by a static's destructor: CAF's systems need what the main thread has lost by then.
  beamline::bench::end_links();
  benchmark::Shutdown();
}
