// Nurseries under real threads: socket threads start children while their supervisor starts, stops and dies.

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using namespace beamline;
using namespace beamline::supervision;

namespace {

struct real_node {
  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock, log_level::critical);
  telemetry events;
  timer_thread timers{clock};
  node n;

  explicit real_node(std::size_t threads = 2)
      : n{{.name = "threads@test", .scheduler_threads = threads}, {clock, random, *log, events, timers}} {}
  ~real_node() { CHECK(n.shutdown(20s).is_clean()); }

  std::size_t children_of(const pid& p) {
    std::size_t count = 0;
    for (const auto& i : n.processes().list(clock.now()))
      count += i.parent == p.id() ? 1 : 0;
    return count;
  }
};

/// Does nothing, or ends at once.
class brief : public process {
public:
  brief(process_context& c, bool ends) : process{c}, ends_{ends} {}
  behavior init() override {
    if (ends_)
      stop();
    return handlers();
  }

private:
  bool ends_;
};

/// Runs `work(number)` on so many threads and waits for all.
void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> all;
  for (int i = 0; i < count; ++i)
    all.emplace_back(work, i);
  for (auto& t : all)
    t.join();
}

}  // namespace

TEST_CASE("threads start children of one supervisor, and it knows every one") {
  real_node r;
  nursery births;
  auto sup = r.n.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.max_children = 2000, .births = births.state()});
  REQUIRE(r.n.await_init(sup, 10s));
  std::atomic<std::size_t> alive{0};
  std::atomic<std::size_t> refused{0};
  on_threads(4, [&](int) {
    for (int i = 0; i < 600; ++i)
      births.spawn<brief>(false).ok() ? ++alive : ++refused;
  });
  CHECK(alive == 2000);
  CHECK(refused == 400);
  auto counted = r.n.call_sync<child_counts>(sup, count_children{}, 10s);
  REQUIRE(std::holds_alternative<child_counts>(counted));
  CHECK(std::get<child_counts>(counted).specs == 2000);
  CHECK_FALSE(r.n.stop_sync(sup, reason::shutdown(), 10s));
  CHECK(r.children_of(sup) == 0);
}

TEST_CASE("children that end at once give their places back") {
  real_node r;
  nursery births;
  auto sup = r.n.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.max_children = 50, .births = births.state()});
  REQUIRE(r.n.await_init(sup, 10s));
  on_threads(3, [&](int) {
    for (int i = 0; i < 1000;)
      i += births.spawn<brief>(true).ok() ? 1 : 0;
  });
  // The end of the last ones may still be on its way: a stop waits for it.
  CHECK_FALSE(r.n.stop_sync(sup, reason::shutdown(), 10s));
  CHECK(r.children_of(sup) == 0);
}

TEST_CASE("whatever ends the supervisor at whatever moment, no child is left over") {
  real_node r;
  for (int round = 0; round < 30; ++round) {
    nursery births;
    auto sup = r.n.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.births = births.state()});
    REQUIRE(r.n.await_init(sup, 10s));
    std::atomic<int> spawned{0};
    on_threads(3, [&](int number) {
      if (number == 0) {
        while (spawned < 20 + round)
          std::this_thread::yield();
        r.n.exit(sup, round % 2 == 0 ? reason::shutdown() : reason::kill());
        return;
      }
      for (;;) {
        auto p = births.spawn<brief>(false);
        ++spawned;
        if (!p) {
          CHECK(p.error().what == child_error::kind::stopping);
          return;
        }
      }
    });
    REQUIRE(r.n.processes().wait_until_empty(10s));
  }
}

TEST_CASE("partitions are looked up while they are replaced") {
  partition_directory directory;
  auto node = std::make_shared<const node_identity>(node_identity{"threads@test", 1});
  std::atomic<bool> done{false};
  on_threads(3, [&](int number) {
    if (number == 0) {
      for (std::size_t i = 1; i < 200; ++i) {
        auto t = directory.open(node, "p" + std::to_string(i % 50), 4);
        REQUIRE(t.ok());
        for (std::size_t k = 0; k < 4; ++k)
          (*t)->set(k, 1000 * i + k + 1);
        (*t)->set_count(i % 4 + 1);
      }
      done = true;
      return;
    }
    while (!done)
      if (const auto* t = directory.find("p7"))
        if (auto p = t->of(5))
          CHECK(p.id() % 1000 <= 4);
  });
  CHECK(directory.find("p7")->at(3).id() == 157'004);
}

TEST_CASE("ten thousand children are started by call and stopped together") {
  real_node r;
  auto t = instances_of<brief>("brief", false);
  t.spec.restart = restart_type::temporary;
  auto sup = r.n.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.instances = t});
  REQUIRE(r.n.await_init(sup, 10s));
  for (int i = 0; i < 10'000; ++i)
    r.n.cast(sup, instance());
  auto counted = r.n.call_sync<child_counts>(sup, count_children{}, 10s);
  REQUIRE(std::holds_alternative<child_counts>(counted));
  CHECK(std::get<child_counts>(counted).workers == 10'000);
  CHECK_FALSE(r.n.stop_sync(sup, reason::shutdown(), 20s));
  CHECK(r.children_of(sup) == 0);
}
