// The registry on real threads: what the simulator, which has one, cannot show.
#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "supervision/registry/start.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace beamline;
using namespace beamline::supervision;

namespace {

using names = registry<int, int>;

struct go {};

struct scores {
  std::atomic<int> finished{0};
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  std::atomic<int> locked{0};
};

/// Takes and leaves keys that others want, too, then waits for a lock and ends, in the middle of its second life with
/// it.
class contender : public process {
public:
  contender(process_context& c, names r, scores& s, int number) : process{c}, names_{r}, scores_{s}, number_{number} {}
  behavior init() override {
    cast(self(), go{});
    return handlers([this](const go&) { play(); });
  }

private:
  void play() {
    for (int key = 0; key < 8; ++key)
      if (names_.register_as(*this, key, number_) && (number_ + rounds_) % 3 != 0)
        names_.unregister(*this, key);
    if (++rounds_ < 20) {
      cast(self(), go{});
      return;
    }
    if (!names_.lock(0, *this, [this](const lock_guard&) { hold(); }))
      finish();
  }
  void hold() {
    if (++scores_.inside != 1)
      ++scores_.overlaps;
    ++scores_.locked;
    --scores_.inside;
    finish();
  }
  void finish() {
    ++scores_.finished;
    stop();
  }

  names names_;
  scores& scores_;
  int number_;
  int rounds_ = 0;
};

struct machine {
  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{{.name = "threads@127.0.0.1", .scheduler_threads = 4}, {clock, random, *log, events, timers}};
};

/// Until every partition is served: a supervisor has run its `init` before it has started its children.
void await_start(machine& m, const pid& top, const std::function<std::vector<partition_info>()>& partitions) {
  REQUIRE(m.n.await_init(top, 10s));
  auto is_served = [&] {
    auto all = partitions();
    return std::all_of(all.begin(), all.end(), [](const auto& p) { return static_cast<bool>(p.process); });
  };
  while (!is_served())
    std::this_thread::yield();
}

}  // namespace

TEST_CASE("processes on several threads contend for keys and locks, and all is clean at the end") {
  machine m;
  names reg{m.n.env(), {.name = "names", .partitions = 4}};
  auto top = m.n.spawn<supervisor>(supervisor_spec{.flags = {}, .children = {child_registry("names", reg)}});
  await_start(m, top, [&] { return reg.partitions(); });
  scores s;
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> looked{0};
  std::vector<std::thread> readers;  // Anybody may ask, from any thread.
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!is_over) {
        for (int key = 0; key < 8; ++key)
          looked += reg.lookup(key).size() + (reg.whereis(key) ? 1 : 0);
        looked += reg.count_select([](const auto& e) { return e.value > 10; });
      }
    });
  constexpr int contenders = 400;
  for (int i = 0; i < contenders; ++i)
    (void)m.n.spawn<contender>(reg, s, i);
  while (s.finished < contenders)
    std::this_thread::yield();
  auto is_clean = [&] {
    std::size_t left = reg.count();
    for (const auto& p : reg.partitions())
      left += p.owners + p.locks;
    return left == 0;
  };
  while (!is_clean())
    std::this_thread::yield();
  is_over = true;
  for (auto& t : readers)
    t.join();
  CHECK(s.locked.load() == contenders);
  CHECK(s.overlaps.load() == 0);
  CHECK(m.n.shutdown(10s).is_clean());
}

TEST_CASE("a partition that is killed in the crowd leaves no entry without a living owner") {
  machine m;
  names reg{m.n.env(), {.name = "topics", .keys = key_rule::duplicate, .partitions = 2}};
  auto top =
      m.n.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 1000}, .children = {child_registry("topics", reg)}});
  await_start(m, top, [&] { return reg.partitions(); });
  scores s;
  constexpr int contenders = 300;
  for (int i = 0; i < contenders; ++i) {
    (void)m.n.spawn<contender>(reg, s, i);
    if (i % 150 == 75)
      m.n.exit(reg.partitions()[static_cast<std::size_t>(i) % 2].process, reason::kill());
  }
  while (m.n.processes().count() > 4 || reg.count() != 0)  // The two supervisors and their two partitions.
    std::this_thread::yield();
  CHECK(s.overlaps.load() == 0);
  CHECK(m.n.shutdown(10s).is_clean());
}
