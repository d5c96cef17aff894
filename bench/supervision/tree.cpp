// How long reading the tree of a node takes while a thousand children of it crash without end.

#include "supervision/tree.hpp"

#include "supervision/supervisor.hpp"

#include "fixture.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace beamline::bench {

namespace {

using namespace supervision;

constexpr int crashing = 1000;
constexpr int queries = 200;

struct crash {};

class crasher final : public process {
public:
  using process::process;
  behavior init() override {
    send_after(20ms, crash{});  // 50,000 crashes a second, all of them together.
    return handlers([](const crash&) { throw std::runtime_error{"crash"}; });
  }
};

std::size_t count_of(const tree_node& t) {
  std::size_t n = 1 + t.children_left_out;
  for (const auto& c : t.children)
    n += count_of(c);
  return n;
}

void tree_in_a_storm(benchmark::State& state) {
  for (auto _ : state) {
    bench_node n;
    board_registry boards;
    n->env().provide(boards);
    supervisor_spec spec{.flags = {.intensity = intensity_max, .period = 1s}};
    for (int i = 0; i < crashing; ++i)
      spec.children.push_back(child<crasher>(std::to_string(i)));
    auto top = n->spawn<supervisor>(spec);
    while (n->processes().count() < crashing / 2)
      std::this_thread::yield();
    std::vector<double> took;
    std::size_t seen = 0;
    for (int i = 0; i < queries; ++i) {
      auto begun = n.time().now();
      auto tree = read_tree(n->env(), &boards);
      seen += count_of(tree);
      took.push_back(std::chrono::duration<double, std::milli>(n.time().now() - begun).count());
    }
    std::sort(took.begin(), took.end());
    state.SetIterationTime(took[took.size() / 2] / 1000);
    state.counters["processes"] = static_cast<double>(seen) / queries;
    state.counters["p99_ms"] = took[took.size() * 99 / 100];
    (void)n->stop_sync(top, reason::kill(), 30s);
  }
}

}  // namespace

BENCHMARK(tree_in_a_storm)->Iterations(3)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
