// Crash to restart: a child that crashes as soon as it runs, until enough of it has been seen.

#include "supervision/dynamic_supervisor.hpp"
#include "supervision/supervisor.hpp"

#include "fixture.hpp"
#include "plain_caf.hpp"

#include <benchmark/benchmark.h>

namespace beamline::bench {

namespace {

using namespace supervision;

constexpr std::int64_t restarts = 50'000;

struct crash {};

class crasher final : public process {
public:
  crasher(process_context& c, countdown* left) : process{c}, left_{left} {}
  behavior init() override {
    if (left_->count())
      cast(self(), crash{});
    return handlers([](const crash&) { throw std::runtime_error{"crash"}; });
  }

private:
  countdown* left_;
};

supervisor_flags endless() { return {.intensity = intensity_max, .period = 1s}; }

void restart_beamline(benchmark::State& state, bool is_dynamic) {
  auto children = state.range(0);
  for (auto _ : state) {
    bench_node n;
    countdown left{restarts};
    auto begun = n.time().now();
    pid top;
    if (is_dynamic) {
      top = n.get().spawn<dynamic_supervisor>(dynamic_supervisor_spec{.flags = endless()});
      for (std::int64_t i = 0; i < children; ++i)
        n.get().cast(top, start_child{child<crasher>("child", &left)});
    } else {
      supervisor_spec spec{.flags = endless()};
      for (std::int64_t i = 0; i < children; ++i)
        spec.children.push_back(child<crasher>(std::to_string(i), &left));
      top = n.get().spawn<supervisor>(spec);
    }
    left.wait();
    state.SetIterationTime(std::chrono::duration<double>(n.time().now() - begun).count());
    (void)n.get().stop_sync(top, reason::shutdown(), 30s);
  }
  state.SetItemsProcessed(state.iterations() * restarts);
}

void restart_supervisor(benchmark::State& state) { restart_beamline(state, false); }
void restart_dynamic_supervisor(benchmark::State& state) { restart_beamline(state, true); }

class plain_crasher : public caf::event_based_actor {
public:
  plain_crasher(caf::actor_config& c, countdown* left) : caf::event_based_actor{c}, left_{left} {
    set_exception_handler(
        [](caf::scheduled_actor*, std::exception_ptr&) { return caf::error{caf::sec::runtime_error}; });
  }
  caf::behavior make_behavior() override {
    if (left_->count())
      send(this, caf::ok_atom::value);
    return {[](caf::ok_atom) { throw std::runtime_error{"crash"}; }};
  }

private:
  countdown* left_;
};

void restart_plain_caf(benchmark::State& state) {
  for (auto _ : state) {
    system_clock time;
    countdown left{restarts};
    plain_system s;
    auto begun = time.now();
    auto top = s.system.spawn<plain_supervisor>(
        [&left](plain_supervisor& by) { return by.spawn<plain_crasher>(&left); }, static_cast<int>(state.range(0)));
    left.wait();
    state.SetIterationTime(std::chrono::duration<double>(time.now() - begun).count());
    caf::anon_send_exit(top, caf::exit_reason::kill);
  }
  state.SetItemsProcessed(state.iterations() * restarts);
}

}  // namespace

// One child after another, and a thousand that crash at once.
BENCHMARK(restart_plain_caf)->Arg(1)->Arg(1000)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(restart_supervisor)->Arg(1)->Arg(1000)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(restart_dynamic_supervisor)->Arg(1)->Arg(1000)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench
