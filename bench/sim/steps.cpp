// Steps: one process handles one message. A ball that goes to and fro in an empty world, and in CAF alone; then the toy
// cluster, whose processes do something, with and without its story being written down.
#include "sim/toy/toy.hpp"
#include "testing/explore/run.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include "plain_caf.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

constexpr int hops = 20'000;
constexpr std::uint64_t toy_seeds = 20;

struct ball {
  int hops_left;
  pid from;
};

class player final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const ball& b) {
      if (b.hops_left > 0)
        cast(b.from, ball{b.hops_left - 1, self()});
    });
  }
};

void steps_world(benchmark::State& state) {
  std::uint64_t steps = 0;
  for (auto _ : state) {
    testing::world w;
    auto& n = w.start_node();
    auto one = n.spawn<player>();
    n.cast(n.spawn<player>(), ball{hops, one});
    w.run();
    steps += w.steps();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(steps));
}

struct plain_ball {
  int hops_left;
  caf::actor from;
};

class plain_player final : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[this](const plain_ball& b) {
      if (b.hops_left > 0)
        send(b.from, plain_ball{b.hops_left - 1, caf::actor{this}});
    }};
  }
};

void steps_plain_caf(benchmark::State& state) {
  std::size_t steps = 0;
  for (auto _ : state) {
    plain_system s;
    auto one = s.system.spawn<plain_player>();
    caf::anon_send(s.system.spawn<plain_player>(), plain_ball{hops, one});
    steps += s.run();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(steps));
}

/// The program under plain conditions: no faults.
void steps_of_toy(benchmark::State& state, bool has_timeline) {
  std::uint64_t steps = 0;
  for (auto _ : state)
    for (std::uint64_t seed = 1; seed <= toy_seeds; ++seed) {
      auto toy = toy::make_toy();
      testing::plan quiet;
      quiet.seed = seed;
      auto outcome = testing::run_plan(*toy, quiet, {.has_timeline = has_timeline});
      if (outcome.broken) {
        state.SkipWithError(outcome.broken->evidence.c_str());
        return;
      }
      steps += outcome.steps;
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(steps));
}

void steps_toy(benchmark::State& state) { steps_of_toy(state, false); }
void steps_toy_with_timeline(benchmark::State& state) { steps_of_toy(state, true); }

}  // namespace

BENCHMARK(steps_plain_caf)->Unit(benchmark::kMillisecond);
BENCHMARK(steps_world)->Unit(benchmark::kMillisecond);
BENCHMARK(steps_toy)->Unit(benchmark::kMillisecond);
BENCHMARK(steps_toy_with_timeline)->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beamline::bench::plain_ball)
