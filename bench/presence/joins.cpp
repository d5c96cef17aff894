#include "presence/hall.hpp"

#include <benchmark/benchmark.h>

// What one more visitor of a topic costs the whole cluster, when everybody sees the list or the number: it must not
// depend on how many are there.

namespace beamline::bench {
namespace {

constexpr std::uint64_t audience = 100;  // On each of two nodes.

void report(benchmark::State& state, double cpu, std::uint64_t messages, std::uint64_t octets) {
  const auto n = static_cast<double>(state.range(0));
  state.counters["cpu_us_per_join"] = cpu / n;
  state.counters["messages_between_nodes"] = static_cast<double>(messages);
  state.counters["messages_per_join"] = static_cast<double>(messages) / n;
  state.counters["octets_per_join"] = static_cast<double>(octets) / n;
}

/// The list is shown to 200 subscribers, 100 of them on a node that nobody visits.
void joins_members(benchmark::State& state) {
  const auto visitors = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    hall h{{}};
    told t;
    h.subscribe(audience, t);
    std::this_thread::sleep_for(std::chrono::seconds{2});  // The replicas have met.
    const auto cpu = cpu_us();
    const auto messages = h.messages();
    const auto octets = h.octets();
    h.visit(visitors);
    h.wait_until("all subscribers were told of all joins", [&] { return t.joins >= 2 * audience * visitors; });
    report(state, cpu_us() - cpu, h.messages() - messages, h.octets() - octets);
    state.counters["diffs_to_each"] = static_cast<double>(t.diffs) / (2 * audience);
    if (t.joins != 2 * audience * visitors)
      state.SkipWithError("some joins were told twice");
  }
}

/// The number is shown to 200 watchers.
void joins_count(benchmark::State& state) {
  const auto visitors = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    presence::presence_options o;
    o.tracker.mode = presence::tracker_mode::count;
    hall h{o};
    told t;
    t.expected = visitors;
    h.watch(audience, t);
    std::this_thread::sleep_for(std::chrono::seconds{2});
    const auto cpu = cpu_us();
    const auto messages = h.messages();
    const auto octets = h.octets();
    const auto counts = t.counts.load();
    h.visit(visitors);
    h.wait_until("all watchers see the exact number", [&] { return t.exact >= 2 * audience; });
    report(state, cpu_us() - cpu, h.messages() - messages, h.octets() - octets);
    state.counters["counts_to_each"] = static_cast<double>(t.counts - counts) / (2 * audience);
  }
}

BENCHMARK(joins_members)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(50'000)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(joins_count)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(50'000)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beamline::bench
