// What it costs to make a world of three nodes and to let it go: the price of a seed before anything has happened, and
// of every restart of a node. CAF's share of it is three systems with nothing in them.
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include "plain_caf.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

void worlds_three_nodes(benchmark::State& state) {
  for (auto _ : state) {
    testing::world w;
    w.start_node("a@sim");
    w.start_node("b@sim");
    w.start_node("c@sim");
    w.run();
  }
  state.SetItemsProcessed(state.iterations());
}

void worlds_plain_caf(benchmark::State& state) {
  for (auto _ : state) {
    plain_system a, b, c;
    a.run();
    b.run();
    c.run();
  }
  state.SetItemsProcessed(state.iterations());
}

void worlds_restart(benchmark::State& state) {
  testing::world w;
  w.start_node("a@sim");
  w.start_node("b@sim");
  for (auto _ : state) {
    w.crash_node(w.start_node("c@sim"));
    w.run();
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

BENCHMARK(worlds_plain_caf)->Unit(benchmark::kMicrosecond);
BENCHMARK(worlds_three_nodes)->Unit(benchmark::kMicrosecond);
BENCHMARK(worlds_restart)->Unit(benchmark::kMicrosecond);

}  // namespace beamline::bench
