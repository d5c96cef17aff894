#include "actors/node.hpp"

#include "actors/real_node.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace beamline;
using subjects::real_node;

namespace {

struct add {
  long by;
};
struct get {};
struct spin_until {
  std::atomic<bool>* released;
};

class counter : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const add& m) { total_ += m.by; }, [this](const get&) { return total_; },
                    [](const spin_until& m) {
                      while (!*m.released) {}
                    });
  }

private:
  long total_ = 0;
};

/// Refuses to end until it is killed.
class stubborn : public process {
public:
  using process::process;
  behavior init() override {
    trap_exits([](const exit_signal&) {});
    return handlers([](const get&) { return 1L; });
  }
};

/// Arms the next tick in each tick, and counts them.
class ticker : public process {
public:
  explicit ticker(process_context& c, std::atomic<int>& ticks) : process{c}, ticks_{ticks} {}
  behavior init() override {
    tick();
    return handlers();
  }

private:
  void tick() {
    ++ticks_;
    run_after(1ms, [this] { tick(); });
  }
  std::atomic<int>& ticks_;
};

/// Waits for a timer that is far away.
class sleeper : public process {
public:
  using process::process;
  behavior init() override {
    run_after(10min, [] {});
    return handlers();
  }
};

/// Ends at its first message.
class mortal : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const get&) { stop(); });
  }
};

/// Spawns a mortal for each `add`, watches it twice, gives up one watch, and counts what it is told.
class mourner : public process {
public:
  mourner(process_context& c, std::atomic<int>& told, std::atomic<int>& wrong)
      : process{c}, told_{told}, wrong_{wrong} {}
  behavior init() override {
    return handlers([this](const add&) {
      auto p = spawn<mortal>();
      cast(p, get{});
      auto given_up = watch(p, [this](const reason&) { ++wrong_; });
      watch(p, [this](const reason&) { ++told_; });
      unwatch(given_up);
    });
  }

private:
  std::atomic<int>& told_;
  std::atomic<int>& wrong_;
};

/// Timers whose functions take long: each waits until the node is being destroyed, and a little more.
class late_timers final : public timers {
public:
  explicit late_timers(const beamline::clock& time) : time_{time}, inner_{time} {}
  timer_id arm(time_point at, std::function<void()> fire) override {
    return inner_.arm(at, [this, fire = std::move(fire)] {
      is_running = true;
      while (!is_ending) {}
      for (auto end = time_.now() + 200ms; !is_gone && time_.now() < end;) {}
      if (!is_gone)
        fire();
      is_running = false;
    });
  }
  void cancel(timer_id id) override { inner_.cancel(id); }
  void settle() override { inner_.settle(); }

  std::atomic<bool> is_running{false}, is_ending{false}, is_gone{false};

private:
  const beamline::clock& time_;
  timer_thread inner_;
};

}  // namespace

TEST_CASE("on real threads, casts of many threads are all handled and calls from outside are answered") {
  real_node f;
  auto p = f.n.spawn<counter>();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i)
        f.n.cast(p, add{1});
    });
  for (auto& t : threads)
    t.join();
  auto total = f.n.call_sync<long>(p, get{}, 10s);
  REQUIRE(std::holds_alternative<long>(total));
  CHECK(std::get<long>(total) == 20'000);
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("a call from outside to nobody, or to one who never answers, fails in time") {
  real_node f;
  auto p = f.n.spawn<counter>();
  f.n.exit(p, reason::kill());
  REQUIRE(f.n.processes().wait_until_empty(5s));
  auto outcome = f.n.call_sync<long>(p, get{}, 5s);
  CHECK(std::get<call_error>(outcome).what == call_error::kind::noproc);

  auto busy = f.n.spawn<counter>();
  std::atomic<bool> released{false};
  f.n.cast(busy, spin_until{&released});
  outcome = f.n.call_sync<long>(busy, get{}, 50ms);
  CHECK(std::get<call_error>(outcome).what == call_error::kind::timeout);
  released = true;
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("await_init tells a process that started from one whose init threw") {
  class broken : public process {
  public:
    using process::process;
    behavior init() override { throw std::runtime_error{"no"}; }
  };
  real_node f;
  CHECK(f.n.await_init(f.n.spawn<counter>(), 5s));
  CHECK_FALSE(f.n.await_init(f.n.spawn<broken>(), 5s));
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("after a shutdown nothing can be spawned any more, whoever tries") {
  real_node f;
  std::atomic<bool> is_refused{false};
  std::thread spawner{[&] {
    try {
      for (;;) {
        f.n.spawn<counter>();
        while (f.n.processes().count() > 100)  // Always some, never more than can be ended at once.
          std::this_thread::yield();
      }
    } catch (const process_limit_reached&) {
      is_refused = true;
    }
  }};
  CHECK(f.n.shutdown(4s).is_clean());
  spawner.join();
  CHECK(is_refused);
  CHECK(f.n.processes().count() == 0);
}

TEST_CASE("shutdown ends self-ticking processes, and kills those that trap exits") {
  real_node f;
  std::atomic<int> ticks{0};
  for (int i = 0; i < 50; ++i)
    f.n.spawn<ticker>(ticks);
  f.n.spawn<stubborn>();
  auto report = f.n.shutdown(2s);
  CHECK(report.is_clean());
  CHECK(f.n.processes().count() == 0);
  CHECK(ticks >= 50);
}

TEST_CASE("shutdown names a process that is stuck in a handler instead of waiting for ever") {
  real_node f;
  std::atomic<bool> released{false};
  auto p = f.n.spawn<counter>();
  f.n.cast(p, spin_until{&released});
  while (f.n.processes().list(f.clock.now()).at(0).current.empty()) {}
  auto report = f.n.shutdown(200ms);
  REQUIRE(report.survivors.size() == 1);
  CHECK(report.survivors[0].kind.find("counter") != std::string::npos);
  CHECK(report.survivors[0].current.find("spin_until") != std::string::npos);
  CHECK(report.survivors[0].current_age > duration::zero());
  released = true;
  CHECK(f.n.processes().wait_until_empty(5s));
}

TEST_CASE("100,000 processes with a pending timer each end within seconds") {
  real_node f;
  for (int i = 0; i < 100'000; ++i)
    f.n.spawn<sleeper>();
  CHECK(f.n.processes().count() == 100'000);
  auto report = f.n.shutdown(60s);
  CHECK(report.is_clean());
}

TEST_CASE("every watch tells once, however deaths, watches and slot reuse fall together") {
  real_node f;
  std::atomic<int> told{0}, wrong{0};
  std::vector<pid> mourners;
  for (int i = 0; i < 4; ++i)
    mourners.push_back(f.n.spawn<mourner>(told, wrong));
  constexpr int rounds = 5000;
  for (int i = 0; i < rounds; ++i)
    for (const auto& m : mourners)
      f.n.cast(m, add{1});
  auto deadline = f.clock.now() + 30s;
  while (told < rounds * 4 && f.clock.now() < deadline)
    std::this_thread::yield();
  CHECK(f.n.processes().count() == 4);
  CHECK(f.n.shutdown(5s).is_clean());
  CHECK(told == rounds * 4);
  CHECK(wrong == 0);
}

TEST_CASE("a node that ends waits for a timer that is just firing") {
  system_clock clock;
  system_random random;
  auto log = logger::in_memory(clock);
  telemetry events;
  late_timers timers{clock};
  auto n = std::make_unique<node>(node::options{.name = "test@127.0.0.1"},
                                  environment::ports{clock, random, *log, events, timers});
  std::atomic<int> ticks{0};
  n->spawn<ticker>(ticks);
  while (!timers.is_running) {}
  CHECK(n->shutdown(5s).is_clean());
  timers.is_ending = true;
  n.reset();
  CHECK_FALSE(timers.is_running);
  timers.is_gone = true;
}

TEST_CASE("a call from outside on a node that is full fails as busy") {
  system_clock clock;
  system_random random;
  auto log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{node::options{.name = "test@127.0.0.1", .processes_max = 1},
         environment::ports{clock, random, *log, events, timers}};
  auto p = n.spawn<counter>();
  auto outcome = n.call_sync<long>(p, get{}, 5s);
  REQUIRE(std::holds_alternative<call_error>(outcome));
  CHECK(std::get<call_error>(outcome).what == call_error::kind::busy);
  CHECK(n.shutdown(5s).is_clean());
}
