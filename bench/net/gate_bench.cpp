// What a message costs in the gates of both ends, without a carrier between: push, into an envelope, out of it.

#include "net/link/gate.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>

namespace beamline::bench {

namespace {

using net::gate;
using net::link_message;

// As many messages wait at once as a busy node pushes between two turns of its link.
constexpr std::int64_t burst = 1000;

void pass_everything(gate& from, gate& to, const gate::sink& sink) {
  while (auto envelope = from.next()) {
    if (!to.receive(*envelope, sink))
      std::abort();
    (void)from.note_credit(to.take_credit());
  }
}

void small_messages(benchmark::State& state) {
  gate::limits l;
  l.window_octets = 1U << 20;
  gate from{1, l}, to{1, l};
  std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  std::uint64_t arrived = 0;
  gate::sink sink = [&](lane, const link_message& m) { arrived += m.payload.size(); };
  for (auto _ : state) {
    for (std::int64_t i = 0; i < burst; ++i)
      benchmark::DoNotOptimize(
          from.push(lane::rpc, static_cast<std::uint64_t>(i), {link_message::kind::signal, {}, payload}));
    pass_everything(from, to, sink);
  }
  state.SetItemsProcessed(state.iterations() * burst);
  if (arrived != static_cast<std::uint64_t>(state.iterations() * burst * state.range(0)))
    state.SkipWithError("not everything arrived");
}
BENCHMARK(small_messages)->Name("gate_small_messages")->Arg(64)->Arg(1024);

void one_at_a_time(benchmark::State& state) {
  gate from{1, {}}, to{1, {}};
  std::string payload(64, 'x');
  gate::sink sink = [](lane, const link_message&) {};
  for (auto _ : state) {
    benchmark::DoNotOptimize(from.push(lane::rpc, 1, {link_message::kind::signal, {}, payload}));
    pass_everything(from, to, sink);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_at_a_time)->Name("gate_one_message_per_envelope");

// Small messages of other flows while a large one is in pieces all the time.
void beside_a_large_one(benchmark::State& state) {
  gate from{1, {}}, to{1, {}};
  std::string small(64, 'x'), large(4U << 20, 'y');
  gate::sink sink = [](lane, const link_message&) {};
  for (auto _ : state) {
    benchmark::DoNotOptimize(from.push(lane::rpc, 0, {link_message::kind::signal, {}, large}));
    for (std::int64_t i = 0; i < burst; ++i)
      benchmark::DoNotOptimize(
          from.push(lane::rpc, static_cast<std::uint64_t>(i % 16), {link_message::kind::signal, {}, small}));
    pass_everything(from, to, sink);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(large.size() + burst * small.size()));
}
BENCHMARK(beside_a_large_one)->Name("gate_small_beside_4_mib");

void large_message(benchmark::State& state) {
  gate from{1, {}}, to{1, {}};
  std::string large(50'000'000, 'y');
  gate::sink sink = [](lane, const link_message&) {};
  for (auto _ : state) {
    benchmark::DoNotOptimize(from.push(lane::rpc, 0, {link_message::kind::signal, {}, large}));
    pass_everything(from, to, sink);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(large.size()));
}
BENCHMARK(large_message)->Name("gate_message_of_50_mb")->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace beamline::bench
