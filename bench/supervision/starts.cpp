// Supervised starts, and stopping them all.

#include "children.hpp"
#include "plain_caf.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

void start_beamline(benchmark::State& state) {
  for (auto _ : state) {
    bench_node n;
    auto begun = n.time().now();
    auto top = start_all(n);
    state.SetIterationTime(std::chrono::duration<double>(n.time().now() - begun).count());
    (void)n.get().stop_sync(top, reason::shutdown(), 60s);
  }
  state.SetItemsProcessed(state.iterations() * children);
}

void stop_beamline(benchmark::State& state) {
  for (auto _ : state) {
    bench_node n;
    auto top = start_all(n);
    auto begun = n.time().now();
    if (n.get().stop_sync(top, reason::shutdown(), 60s))
      state.SkipWithError("the supervisor did not end as asked");
    state.SetIterationTime(std::chrono::duration<double>(n.time().now() - begun).count());
  }
  state.SetItemsProcessed(state.iterations() * children);
}

class plain_idle : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[](char) {}};
  }
};

void start_plain_caf(benchmark::State& state) {
  for (auto _ : state) {
    system_clock time;
    plain_system s;
    auto begun = time.now();
    caf::scoped_actor me{s.system};
    auto top = s.system.spawn<plain_supervisor>([](plain_supervisor& by) { return by.spawn<plain_idle>(); },
                                                static_cast<int>(children));
    // Answered when its own start, which starts them all, is behind it.
    me->request(top, caf::infinite, 'x').receive([] {}, [](caf::error&) {});
    state.SetIterationTime(std::chrono::duration<double>(time.now() - begun).count());
    caf::anon_send_exit(top, caf::exit_reason::kill);
  }
  state.SetItemsProcessed(state.iterations() * children);
}

}  // namespace

BENCHMARK(start_plain_caf)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(start_beamline)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(stop_beamline)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
