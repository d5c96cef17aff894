// What the simulator cannot show: processes that are stuck on a real thread, and destructors that take their time.

#include "actors/real_node.hpp"
#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace beamline;
using namespace beamline::subjects;

namespace {

/// Where a handler waits, in vain, for a test to let it go.
struct latch {
  std::atomic<bool> is_reached{false}, is_open{false};
  void wait() {
    is_reached = true;
    while (!is_open)
      std::this_thread::yield();
  }
};

/// Notes, for all threads to see, what it hears.
class hearing : public process {
public:
  hearing(process_context& c, std::atomic<int>& casts, std::atomic<int>& gone)
      : process{c}, casts_{casts}, gone_{gone} {}
  behavior init() override {
    return handlers([this](const add&) { ++casts_; }, [this](const child_gone&) { ++gone_; },
                    [](const child_started&) {},
                    [this](const get&) {
                      ++casts_;
                      return 1L;
                    });
  }

private:
  std::atomic<int>& casts_;
  std::atomic<int>& gone_;
};

/// Takes its time to be destroyed.
class sticky {
public:
  explicit sticky(latch& l) : latch_{l} {}
  ~sticky() { latch_.wait(); }

private:
  latch& latch_;
};

class slow_to_go : public process {
public:
  slow_to_go(process_context& c, latch& l) : process{c}, member_{l} {}
  behavior init() override {
    return handlers([this](const add&) { stop(); });
  }

private:
  sticky member_;
};

/// Starts a slow one, and the next as soon as it hears that the first is gone.
class successor_maker : public process {
public:
  successor_maker(process_context& c, latch& l, std::atomic<int>& started, std::atomic<bool>& is_down)
      : process{c}, latch_{l}, started_{started}, is_down_{is_down} {}
  behavior init() override {
    make();
    return handlers([this](const child_gone&) { make(); }, [](const child_started&) {});
  }

private:
  void make() {
    auto p = spawn_as<slow_to_go>(birth{.start_ref = 1, .name = "worker"}, latch_);
    watch(p, [this](const reason&) { is_down_ = true; });
    ++started_;
  }
  latch& latch_;
  std::atomic<int>& started_;
  std::atomic<bool>& is_down_;
};

}  // namespace

TEST_CASE("X43 on real threads a successor waits for a destructor that takes long") {
  latch l;  // Before the node: its processes are destroyed with it at the latest.
  std::atomic<int> started{0};
  std::atomic<bool> is_down{false};
  real_node f;
  f.n.spawn<successor_maker>(l, started, is_down);
  REQUIRE(f.wait_until([&] { return started == 1; }));
  f.n.cast(pid{f.n.identity(), "worker"}, add{1});
  // Everybody knows of its end, its name is free, and still it is not replaced.
  REQUIRE(f.wait_until([&] { return is_down && l.is_reached; }));
  CHECK(f.n.whereis("worker") == pid{});
  CHECK(started == 1);
  l.is_open = true;
  CHECK(f.wait_until([&] { return started == 2; }));
  CHECK(f.n.shutdown(1s).is_clean());
}

TEST_CASE("a process that is stuck on its thread is given up: it reaches nobody and ends when it returns") {
  latch l;  // Before the node: its processes are destroyed with it at the latest.
  std::atomic<int> casts{0}, gone{0};
  std::atomic<bool> is_checked{false}, has_spawned{false}, is_registered{false};
  std::atomic<int> called_back{0};
  auto token = std::make_shared<int>(1);
  real_node f;
  auto other = f.n.spawn<hearing>(casts, gone);
  auto stuck = f.n.spawn_as<subject>(birth{.parent = other.id(), .start_ref = 7, .name = "worker"},
                                     [token](subject& self) { self.at_end = [token](subject&, const reason&) {}; });
  f.n.cast(
      stuck, perform{[&](process& p) {
        auto& self = static_cast<subject&>(p);
        l.wait();
        self.cast(other, add{1});
        self.exit(other, reason::kill());
        self.call<long>(other, get{}, 1s).then([&](long) { ++called_back; }, [&](const call_error&) { ++called_back; });
        self.stop_process(other, reason::shutdown(), 1s, [&](const auto&) { ++called_back; });
        self.link(other);
        self.watch(other, [&](const reason&) { ++called_back; });
        self.run_after(1ms, [&] { ++called_back; });
        is_registered = self.register_as("again").ok();
        is_checked = self.is_fenced();
        self.spawn<counter>();
        has_spawned = true;
      }});
  REQUIRE(f.wait_until([&] { return l.is_reached.load(); }));
  call_outcome<long> outcome{call_error{}};
  std::thread calling{[&] { outcome = f.n.call_sync<long>(stuck, get{}, 60s); }};
  REQUIRE(f.wait_until([&] { return f.n.processes().info(stuck.id(), f.clock.now())->watchers == 1; }));
  f.n.exit(stuck, reason::kill());
  REQUIRE(f.n.processes().fence(stuck.id(), f.clock.now()));
  calling.join();
  REQUIRE(std::holds_alternative<call_error>(outcome));
  CHECK(std::get<call_error>(outcome) == call_error{call_error::kind::crashed, reason::killed()});
  auto info = f.n.processes().info(stuck.id(), f.clock.now());
  REQUIRE(info.has_value());
  CHECK(info->state == process_state::zombie);
  CHECK(info->current.find("perform") != std::string::npos);
  CHECK(info->current_age > duration::zero());
  CHECK(f.n.whereis("worker") == pid{});
  CHECK(gone == 0);

  l.is_open = true;
  CHECK(f.wait_until([&] { return gone == 1; }));
  CHECK(is_checked);
  CHECK_FALSE(has_spawned);
  CHECK_FALSE(is_registered);
  CHECK(casts == 0);
  CHECK(token.use_count() == 1);
  CHECK(f.wait_until([&] { return f.n.processes().count() == 1; }));
  CHECK(called_back == 0);
  CHECK(f.n.processes().relations(other.id()).links.empty());
  CHECK(f.n.processes().relations(other.id()).watched_by.empty());
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("a shutdown counts zombies, and names them among the survivors") {
  latch l;  // Before the node: its processes are destroyed with it at the latest.
  real_node f;
  auto stuck = f.n.spawn<subject>([&](subject&) { l.wait(); });
  REQUIRE(f.wait_until([&] { return l.is_reached.load(); }));
  REQUIRE(f.n.processes().fence(stuck.id(), f.clock.now()));
  auto report = f.n.shutdown(100ms);
  REQUIRE(report.survivors.size() == 1);
  CHECK(report.survivors[0].id == stuck.id());
  CHECK(report.survivors[0].state == process_state::zombie);
  CHECK(report.survivors[0].current == "init");
  l.is_open = true;
  CHECK(f.n.processes().wait_until_empty(30s));
}

TEST_CASE("a process with a thread of its own costs that thread when it is stuck, and no other") {
  latch l;  // Before the node: its processes are destroyed with it at the latest.
  real_node f;
  std::vector<pid> stuck;
  for (int i = 0; i < 4; ++i)  // More than the scheduler has.
    stuck.push_back(f.n.spawn_as<subject>(birth{.has_own_thread = true}, [&](subject&) { l.wait(); }));
  auto p = f.n.spawn<counter>();
  f.n.cast(p, add{5});
  auto total = f.n.call_sync<long>(p, get{}, 30s);
  REQUIRE(std::holds_alternative<long>(total));
  CHECK(std::get<long>(total) == 5);
  for (const auto& s : stuck)
    CHECK(f.n.processes().fence(s.id(), f.clock.now()));
  l.is_open = true;
  CHECK(f.wait_until([&] { return f.n.processes().count() == 1; }));
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("fences, kills and ordinary ends fall together and every parent is told once") {
  std::atomic<int> casts{0}, gone{0};
  real_node f;
  auto parent = f.n.spawn<hearing>(casts, gone);
  constexpr int rounds = 3'000;
  int fenced = 0;
  for (int i = 0; i < rounds; ++i) {
    auto p = f.n.spawn_as<subject>(birth{.parent = parent.id(), .start_ref = static_cast<std::uint64_t>(i) + 1});
    f.n.cast(p, perform{[](process& self) { static_cast<subject&>(self).stop(reason::shutdown()); }});
    if (i % 3 == 0)
      f.n.exit(p, reason::kill());
    fenced += f.n.processes().fence(p.id(), f.clock.now()) ? 1 : 0;
  }
  CHECK(f.wait_until([&] { return gone == rounds && f.n.processes().count() == 1; }));
  MESSAGE(fenced, " of ", rounds, " were given up in time");
  CHECK(f.n.shutdown(5s).is_clean());
}

TEST_CASE("the destructor of a process does not run in the turn of somebody who sends to it") {
  /// Says on which thread it is destroyed.
  class where {
  public:
    explicit where(std::atomic<int>& wrong) : wrong_{wrong} {}
    ~where() { wrong_ += std::this_thread::get_id() == spawner_ ? 1 : 0; }

  private:
    std::atomic<int>& wrong_;
    std::thread::id spawner_ = std::this_thread::get_id();
  };
  class short_lived : public process {
  public:
    short_lived(process_context& c, std::atomic<int>& wrong) : process{c}, member_{wrong} {}
    behavior init() override {
      return handlers([this](const add&) { stop(); });
    }

  private:
    where member_;
  };
  std::atomic<int> wrong{0};
  real_node f;
  for (int i = 0; i < 5'000; ++i) {
    auto p = f.n.spawn<short_lived>(wrong);
    for (long k = 0; k < 3; ++k)
      f.n.cast(p, add{k});
    f.n.exit(p, reason::shutdown());
  }
  CHECK(f.wait_until([&] { return f.n.processes().count() == 0; }));
  CHECK(f.n.shutdown(5s).is_clean());
  CHECK(wrong == 0);
}
