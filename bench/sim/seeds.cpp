// Seeds: the toy cluster, three nodes under faults drawn from the seed, on one and on two threads. First as tests run
// it, two virtual seconds of load and faults and up to three to come to rest; then with five of load and faults.
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
                   .horizon(std::chrono::seconds{state.range(1)}, 3s)
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

BENCHMARK(seeds_toy)
    ->ArgsProduct({{1, 2}, {2, 5}})
    ->ArgNames({"threads", "load_s"})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
