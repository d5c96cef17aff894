// What a broadcast to many subscribers of one node costs, beside the same sends in CAF alone.

#include "pubsub/system.hpp"

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "cpu_time.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <benchmark/benchmark.h>
#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace beamline::bench {

namespace {

constexpr std::int64_t subscribers = 10'000;
constexpr int broadcasts = 20;  // Per iteration, so that the pipeline is full.
constexpr std::size_t payload_octets = 1024;
// Of the issue: on two cores, each message of 1 KiB.
constexpr double deliveries_per_second_min = 1'000'000;
// The same for a machine that is shared: what two cores may spend on one.
constexpr double cpu_us_per_delivery_max = 2e6 / deliveries_per_second_min;

struct news {
  std::string text;
  BEAMLINE_MESSAGE(news, "bench.news", 1, text)
};
constexpr pubsub::topic_name<news> topic{"bench"};

/// Counts down from any thread; somebody waits for the end.
class countdown {
public:
  void begin(std::int64_t from) { left_.store(from); }
  void count() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      left_.notify_all();
  }
  void wait() {
    for (auto left = left_.load(); left > 0; left = left_.load())
      left_.wait(left);
  }

private:
  std::atomic<std::int64_t> left_{0};
};

/// A node with a PubSub system.
class bench_node {
public:
  bench_node() {
    node::options o;
    o.name = "bench@127.0.0.1";
    o.contract.add<news>();
    node_ = std::make_unique<node>(std::move(o), environment::ports{clock_, random_, *log_, events_, timers_});
    node_->env().provide(partitions_);
    node_->env().provide(systems_);
    node_->spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {pubsub::child_system({})}});
    while (pubsub::find_system(node_->env()) == nullptr)
      std::this_thread::yield();
  }
  ~bench_node() { (void)node_->shutdown(10s); }
  node& get() { return *node_; }
  pubsub::system& topics() { return pubsub::system_of(node_->env()); }
  time_point now() { return clock_.now(); }

private:
  system_clock clock_;
  system_random random_;
  telemetry events_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_, log_level::critical);
  timer_thread timers_{clock_};
  supervision::partition_directory partitions_;
  pubsub::directory systems_;
  std::unique_ptr<node> node_;
};

class reader final : public process {
public:
  reader(process_context& c, std::shared_ptr<countdown> left) : process{c}, left_{std::move(left)} {}
  behavior init() override {
    return handlers([this](const news&) { left_->count(); },
                    [this](const pubsub::signalled& m) {
                      (void)m.what->take();
                      left_->count();
                    });
  }

private:
  std::shared_ptr<countdown> left_;
};

struct go {
  int times;
};
class writer final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const go& m) {
      for (int i = 0; i < m.times; ++i)
        (void)pubsub::system_of(env()).broadcast(*this, topic(), news{std::string(payload_octets, 'x')});
    });
  }
};

void report(benchmark::State& state, double cpu_before, std::int64_t each) {
  const auto deliveries = state.iterations() * subscribers * each;
  state.SetItemsProcessed(deliveries);
  state.counters["cpu_us_per_delivery"] = (cpu_us() - cpu_before) / static_cast<double>(deliveries);
}

/// `wakes`: how many messages each subscriber handles of one turn of the writer; with signals at least one.
void local_broadcast(benchmark::State& state, pubsub::subscribe_options how, std::int64_t wakes) {
  bench_node n;
  auto left = std::make_shared<countdown>();
  for (std::int64_t i = 0; i < subscribers; ++i)
    if (!n.topics().subscribe(n.get().spawn<reader>(left), topic(), how))
      return state.SkipWithError("not subscribed");
  auto by = n.get().spawn<writer>();
  const auto cpu = cpu_us();
  for (auto _ : state) {
    left->begin(subscribers * wakes);
    auto begun = n.now();
    n.get().cast(by, go{how.how == pubsub::delivery::signal ? 1 : broadcasts});
    left->wait();
    state.SetIterationTime(std::chrono::duration<double>(n.now() - begun).count());
  }
  report(state, cpu, wakes);
}

void broadcast_each(benchmark::State& state) {
  local_broadcast(state, {}, broadcasts);
  state.counters["items_per_second_at_least"] = deliveries_per_second_min;
  state.counters["cpu_us_per_delivery_at_most"] = cpu_us_per_delivery_max;
}
void broadcast_signal(benchmark::State& state) { local_broadcast(state, {.how = pubsub::delivery::signal}, 1); }

/// Somebody comes and goes between two broadcasts, so each makes its audience anew.
void subscribe_and_unsubscribe(benchmark::State& state) {
  bench_node n;
  auto left = std::make_shared<countdown>();
  std::vector<pid> all;
  for (std::int64_t i = 0; i < subscribers; ++i)
    all.push_back(n.get().spawn<reader>(left));
  for (auto _ : state) {
    for (const auto& p : all)
      benchmark::DoNotOptimize(n.topics().subscribe(p, topic()).ok());
    for (const auto& p : all)
      benchmark::DoNotOptimize(n.topics().unsubscribe(p, topic()));
  }
  state.SetItemsProcessed(state.iterations() * subscribers);
}

// -- the base line ------------------------------------------------------------------------------------------

class plain_reader : public caf::event_based_actor {
public:
  plain_reader(caf::actor_config& c, std::shared_ptr<countdown> left)
      : caf::event_based_actor{c}, left_{std::move(left)} {}
  caf::behavior make_behavior() override {
    return {[this](const std::string&) { left_->count(); }};
  }

private:
  std::shared_ptr<countdown> left_;
};

class plain_writer : public caf::event_based_actor {
public:
  plain_writer(caf::actor_config& c, std::vector<caf::actor> to) : caf::event_based_actor{c}, to_{std::move(to)} {}
  caf::behavior make_behavior() override {
    return {[this](int times) {
      for (int i = 0; i < times; ++i) {
        auto m = caf::make_message(std::string(payload_octets, 'x'));
        for (const auto& a : to_)
          a->enqueue(nullptr, caf::make_message_id(), m, context());
      }
    }};
  }

private:
  std::vector<caf::actor> to_;
};

void broadcast_plain_caf(benchmark::State& state) {
  system_clock time;
  caf::actor_system_config settings;
  settings.set("scheduler.policy", caf::atom("sharing"));
  settings.set("scheduler.max-threads", std::size_t{2});
  settings.set("scheduler.max-throughput", std::size_t{100});
  caf::actor_system system{settings};
  auto left = std::make_shared<countdown>();
  std::vector<caf::actor> all;
  for (std::int64_t i = 0; i < subscribers; ++i)
    all.push_back(system.spawn<plain_reader>(left));
  auto by = system.spawn<plain_writer>(all);
  const auto cpu = cpu_us();
  for (auto _ : state) {
    left->begin(subscribers * broadcasts);
    auto begun = time.now();
    caf::anon_send(by, broadcasts);
    left->wait();
    state.SetIterationTime(std::chrono::duration<double>(time.now() - begun).count());
  }
  report(state, cpu, broadcasts);
  caf::anon_send_exit(by, caf::exit_reason::kill);
  for (const auto& a : all)
    caf::anon_send_exit(a, caf::exit_reason::kill);
}

}  // namespace

BENCHMARK(broadcast_plain_caf)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(broadcast_each)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(broadcast_signal)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(subscribe_and_unsubscribe)->Unit(benchmark::kMillisecond);

}  // namespace beamline::bench

BENCHMARK_MAIN();
