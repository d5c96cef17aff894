// A system on a node with real threads: what the simulator, which has one, cannot show.

#include "pubsub/subscription_set.hpp"
#include "pubsub/system.hpp"

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace beamline::pubsub {

namespace {

struct tick {
  std::uint64_t sender = 0;
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(tick, "test.tick", 1, sender, number)
};
constexpr topic_name<tick> every{"every"};
constexpr topic_name<tick, topic_class::last_value> newest{"newest"};

class threaded_node {
public:
  explicit threaded_node(system_options topics = {}) {
    node::options o;
    o.name = "threads@127.0.0.1";
    o.scheduler_threads = 4;
    o.contract.add<tick>();
    node_ = std::make_unique<node>(std::move(o), environment::ports{clock_, random_, *log_, events_, timers_});
    node_->env().provide(partitions_);
    node_->env().provide(systems_);
    supervision::supervisor_spec top{.children = {child_system(std::move(topics))}};
    node_->spawn<supervision::supervisor>(std::move(top));
    while (find_system(node_->env()) == nullptr || node_->processes().whereis("pubsub:main") == 0)
      std::this_thread::yield();
  }
  ~threaded_node() { CHECK(node_->shutdown(20s).is_clean()); }
  node& get() { return *node_; }
  system& topics() { return system_of(node_->env()); }

private:
  system_clock clock_;
  system_random random_;
  telemetry events_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_, log_level::critical);
  timer_thread timers_{clock_};
  supervision::partition_directory partitions_{8};
  directory systems_;
  std::unique_ptr<node> node_;
};

/// What came, by sender; read when all is quiet.
struct account {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::uint64_t> disorder{0};
  std::atomic<std::uint64_t> last{0};
  std::atomic<bool> is_taken{false};
};

class counting final : public process {
public:
  counting(process_context& c, std::shared_ptr<account> to) : process{c}, to_{std::move(to)} {}
  behavior init() override {
    return handlers([this](const tick& m) { note(m); },
                    [this](const signalled& m) {
                      if (auto t = m.what->take_as<tick>())
                        note(*t);
                    });
  }

private:
  void note(const tick& m) {
    auto& last = last_of_[m.sender];
    if (m.number <= last)
      ++to_->disorder;
    last = m.number;
    to_->last = m.number;
    ++to_->count;
  }

  std::shared_ptr<account> to_;
  std::map<std::uint64_t, std::uint64_t> last_of_;
};

struct talk {
  std::uint64_t times = 0;
};
class talking final : public process {
public:
  talking(process_context& c, std::uint64_t as, std::shared_ptr<std::atomic<int>> left)
      : process{c}, as_{as}, left_{std::move(left)} {}
  behavior init() override {
    return handlers([this](const talk& m) {
      auto& topics = system_of(env());
      for (std::uint64_t i = 0; i < m.times; ++i) {
        ++number_;
        if (!topics.broadcast(*this, every(), {as_, number_}) || !topics.broadcast(*this, newest(), {0, number_}))
          --*left_;
      }
      --*left_;
    });
  }

private:
  std::uint64_t as_;
  std::shared_ptr<std::atomic<int>> left_;
  std::uint64_t number_ = 0;
};

/// Comes, subscribes, and goes.
class visitor final : public process {
public:
  visitor(process_context& c, std::shared_ptr<std::atomic<int>> left) : process{c}, left_{std::move(left)} {}
  behavior init() override {
    auto& topics = system_of(env());
    auto set = subscription_set::make(topics, self());
    (void)set->add(every());
    (void)topics.subscribe(self(), newest(), {.how = delivery::signal});
    (void)topics.subscribe(self(), every());
    set = nullptr;
    (void)topics.unsubscribe(self(), every());
    (void)topics.subscribe(self(), every());
    run_after(1ms, [this] { stop(); });
    return handlers([](const tick&) {}, [](const signalled& m) { (void)m.what->take(); });
  }
  void terminate(const reason&) override { --*left_; }

private:
  std::shared_ptr<std::atomic<int>> left_;
};

bool comes_true(const std::function<bool()>& condition) {
  system_clock clock;
  for (auto end = clock.now() + 30s; clock.now() < end; std::this_thread::yield())
    if (condition())
      return true;
  return false;
}

}  // namespace

TEST_CASE("on many threads everybody is told everything once and in order, whoever comes and goes meanwhile") {
  constexpr int senders = 4, stable = 16, visitors = 1000;
  constexpr std::uint64_t times = 2000;
  system_options o;
  o.partitions = 3;
  threaded_node n{o};
  std::vector<std::shared_ptr<account>> all, looking;
  for (int i = 0; i < stable; ++i) {
    all.push_back(std::make_shared<account>());
    REQUIRE(n.topics().subscribe(n.get().spawn<counting>(all.back()), every()));
    looking.push_back(std::make_shared<account>());
    REQUIRE(n.topics().subscribe(n.get().spawn<counting>(looking.back()), newest(),
                                 {.how = i % 2 == 0 ? delivery::signal : delivery::each}));
  }
  auto talk_left = std::make_shared<std::atomic<int>>(senders);
  auto visit_left = std::make_shared<std::atomic<int>>(visitors);
  std::vector<pid> by;
  for (int i = 0; i < senders; ++i)
    by.push_back(n.get().spawn<talking>(static_cast<std::uint64_t>(i + 1), talk_left));
  for (const auto& p : by)
    n.get().cast(p, talk{times});
  for (int i = 0; i < visitors; ++i)
    n.get().spawn<visitor>(visit_left);
  // The partition processes are killed, too.
  for (const auto& info : n.get().processes().list(system_clock{}.now()))
    if (info.kind.ends_with("partition_process"))
      n.get().exit(pid{n.get().identity(), info.id}, reason::kill());

  REQUIRE(comes_true([&] { return *talk_left == 0 && *visit_left == 0; }));
  for (const auto& a : all) {
    REQUIRE(comes_true([&] { return a->count >= senders * times; }));
    CHECK(a->count == senders * times);
    CHECK(a->disorder == 0);
  }
  auto kept = n.topics().last_value("newest").get_as<tick>(0).number;
  for (const auto& a : looking)
    CHECK(comes_true([&] { return a->last == kept; }));
  CHECK(comes_true([&] { return n.topics().count().subscriptions == 2 * stable; }));
}

}  // namespace beamline::pubsub
