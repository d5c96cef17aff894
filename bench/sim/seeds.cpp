// Seeds: the toy cluster, three nodes under faults drawn from the seed, five virtual seconds of load and then the time
// it takes to come to rest; on one and on two threads.
#include "sim/toy/toy.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

constexpr std::uint64_t seeds_a_round = 100;

void seeds_toy(benchmark::State& state) {
  std::uint64_t steps = 0, first = 1;
  duration passed{};
  for (auto _ : state) {
    auto all = toy::explore_toy("bench")
                   .seeds(seeds_a_round, first)
                   .horizon(5s, 3s)
                   .repeat_every(0)
                   .jobs(static_cast<unsigned>(state.range(0)))
                   .survey();
    first += seeds_a_round;
    steps += all.steps;
    passed += all.virtual_time;
    if (!all.failing.empty()) {
      state.SkipWithError(("seed " + std::to_string(all.failing.front()) + " fails").c_str());
      return;
    }
  }
  auto seeds = static_cast<double>(first - 1);
  state.SetItemsProcessed(static_cast<std::int64_t>(first - 1));
  state.counters["seeds/min"] = benchmark::Counter(seeds * 60, benchmark::Counter::kIsRate);
  state.counters["steps/s"] = benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kIsRate);
  state.counters["steps/seed"] = static_cast<double>(steps) / seeds;
  state.counters["virtual s/seed"] = std::chrono::duration<double>(passed).count() / seeds;
}

}  // namespace

BENCHMARK(seeds_toy)->Arg(1)->Arg(2)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
