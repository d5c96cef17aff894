// Seeds: two hosts with outboxes and an accumulator, all of them the real ones, under faults drawn from the seed, on
// one and on two threads. First as tests run it, two virtual seconds of load and faults and the time it takes to come
// to rest; then with five of load and faults.
#include "sim/outbox/outbox.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

constexpr std::uint64_t seeds_a_round = 100;

void seeds_outbox(benchmark::State& state) {
  std::uint64_t steps = 0, first = 1;
  duration passed{};
  const auto make = sim_outbox::outbox_factory();
  for (auto _ : state) {
    auto all = sim_outbox::explore_outbox("bench", make)
                   .seeds(seeds_a_round, first)
                   .horizon(std::chrono::seconds{state.range(1)}, 15s)
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

BENCHMARK(seeds_outbox)
    ->ArgsProduct({{1, 2}, {2, 5}})
    ->ArgNames({"threads", "load_s"})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
