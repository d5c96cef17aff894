#include "presence/hall.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

// What one more visitor of a topic costs the whole cluster, when everybody sees the list or the number.
//
// A diff carries all joins of a batch, so what is measured depends on how many come at a time. `..._in_one_second`: all
// N come within one second, whatever N is; there are as many diffs for 10,000 as for 1,000, and a join must cost no
// more.
// `..._at_1000_per_second`: they come at one rate, whatever N is; there are N / 1,000 seconds of diffs, each of which
// is told to all who are there by then, so that the cost of a join grows with them by the deliveries per join, and is
// bounded by the same limit. All deliveries are waited for and counted, those to the visitors as well.

namespace beamline::bench {
namespace {

constexpr std::uint64_t audience = 100;  // On each of two nodes.
// Of the issue: with the list shown to all.
constexpr double cpu_us_per_join_max = 400;
// That N joins cost O(N) messages: so many each, whatever N is. Besides who asks to be tracked and who is answered,
// they are of those who watch over the visitor, and of who is told the number.
constexpr double messages_per_join_max = 10;

/// Figures before, and what has become of them.
class costs {
public:
  explicit costs(hall& h) : hall_{h}, handled_{h.handled()}, messages_{h.messages()}, octets_{h.octets()} {}

  void report(benchmark::State& state) const {
    const auto cpu = cpu_us() - cpu_;
    const auto n = static_cast<double>(state.range(0));
    const auto between = static_cast<double>(hall_.messages() - messages_);
    const auto handled = static_cast<double>(hall_.handled() - handled_);
    state.counters["cpu_us_per_join"] = cpu / n;
    state.counters["cpu_us_per_join_at_most"] = cpu_us_per_join_max;
    state.counters["messages_between_nodes"] = between;
    state.counters["octets_per_join"] = static_cast<double>(hall_.octets() - octets_) / n;
    state.counters["messages_handled"] = handled;
    state.counters["messages_per_join"] = (handled + between) / n;
  }

private:
  hall& hall_;
  std::uint64_t handled_, messages_, octets_;
  double cpu_ = cpu_us();
};

constexpr std::chrono::milliseconds one_second{1000};

/// So long `n` visitors take to come at 1,000 per second.
std::chrono::milliseconds at_1000_per_second(std::uint64_t n) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(n)};
}

void joins_members(benchmark::State& state, bool they_look, std::chrono::milliseconds time) {
  const auto visitors = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    hall h{{}};
    told t;
    h.subscribe(audience, t);
    std::this_thread::sleep_for(std::chrono::seconds{2});  // The replicas have met.
    const costs all{h};
    h.visit(visitors, they_look, time);
    h.wait_until("all subscribers were told of all joins", [&] { return t.joins >= 2 * audience * visitors; });
    auto& seen = h.visitors_told;
    h.wait_until("visitors, too, have all that was sent to them",
                 [&] { return t.diffs + seen.diffs >= h.deliveries(); });
    all.report(state);
    state.counters["diffs_to_each"] = static_cast<double>(t.diffs) / (2 * audience);
    state.counters["deliveries_per_join"] = static_cast<double>(t.diffs + seen.diffs) / static_cast<double>(visitors);
    state.counters["joins_shown_to_visitors"] = static_cast<double>(seen.joins);
    if (t.joins != 2 * audience * visitors)
      state.SkipWithError("some joins were told twice");
    if (they_look && seen.joins < visitors)
      state.SkipWithError("some visitors were not shown that they came");
  }
}

/// The list is shown to 200 subscribers, 100 of them on a node that nobody visits.
void joins_seen_by_some_in_one_second(benchmark::State& state) { joins_members(state, false, one_second); }
/// And to all the visitors as well.
void joins_seen_by_all_in_one_second(benchmark::State& state) { joins_members(state, true, one_second); }
void joins_seen_by_all_at_1000_per_second(benchmark::State& state) {
  joins_members(state, true, at_1000_per_second(static_cast<std::uint64_t>(state.range(0))));
}

/// The number is shown to 200 watchers.
void joins_counted_in_one_second(benchmark::State& state) {
  const auto visitors = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    presence::presence_options o;
    o.tracker.mode = presence::tracker_mode::count;
    hall h{o};
    told t;
    t.expected = visitors;
    h.watch(audience, t);
    std::this_thread::sleep_for(std::chrono::seconds{2});
    const costs all{h};
    const auto counts = t.counts.load();
    h.visit(visitors);
    h.wait_until("all watchers see the exact number", [&] { return t.exact >= 2 * audience; });
    all.report(state);
    state.counters["messages_per_join_at_most"] = messages_per_join_max;
    state.counters["counts_to_each"] = static_cast<double>(t.counts - counts) / (2 * audience);
    state.counters["watchers_with_exact_count"] = static_cast<double>(t.exact);
    state.counters["watchers_with_exact_count_at_least"] = 2 * audience;
  }
}

void as_many(benchmark::internal::Benchmark* b) {
  b->Arg(1'000)->Arg(10'000)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(joins_seen_by_some_in_one_second)->Apply(as_many);
BENCHMARK(joins_seen_by_all_in_one_second)->Apply(as_many);
BENCHMARK(joins_seen_by_all_at_1000_per_second)->Apply(as_many);
BENCHMARK(joins_counted_in_one_second)->Apply(as_many);

}  // namespace
}  // namespace beamline::bench
