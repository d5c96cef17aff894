#include "testing/world.hpp"

#include "actors/prompt_sends.hpp"
#include "testing/explore/command_line.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <mutex>
#include <optional>
#include <set>

using namespace beamline;
using testing::world;

namespace {

struct token {
  int hops;
};
struct mark {
  int who;
};

/// Passes a token on until its hops are used up.
class runner : public process {
public:
  runner(process_context& c, std::vector<pid>& ring, std::size_t index) : process{c}, ring_{ring}, index_{index} {}
  behavior init() override {
    return handlers([this](const token& t) {
      if (t.hops > 0)
        run_after(duration{static_cast<std::int64_t>(env().random().below(1'000'000))},
                  [this, t] { cast(ring_[(index_ + 1) % ring_.size()], token{t.hops - 1}); });
    });
  }

private:
  std::vector<pid>& ring_;
  std::size_t index_;
};

std::uint64_t ring_hash(std::uint64_t seed) {
  std::vector<pid> ring;
  world w{seed};
  auto& n = w.start_node();
  for (std::size_t i = 0; i < 5; ++i)
    ring.push_back(n.spawn<runner>(ring, i));
  for (auto& p : ring)
    n.cast(p, token{20});
  w.advance(10s);
  return w.trace_hash();
}

/// Casts to two others in one handler: first `a`, then `b`.
class two_sends : public process {
public:
  two_sends(process_context& c, pid a, pid b) : process{c}, a_{a}, b_{b} {}
  behavior init() override {
    return handlers([this](const token&) {
      cast(a_, mark{1});
      cast(b_, mark{2});
    });
  }

private:
  pid a_, b_;
};
class forwarder : public process {
public:
  forwarder(process_context& c, pid to) : process{c}, to_{to} {}
  behavior init() override {
    return handlers([this](const mark&) { cast(to_, mark{3}); });
  }

private:
  pid to_;
};
class recorder : public process {
public:
  recorder(process_context& c, std::vector<int>& seen) : process{c}, seen_{seen} {}
  behavior init() override {
    return handlers([this](const mark& m) { seen_.push_back(m.who); });
  }

private:
  std::vector<int>& seen_;
};

/// Sends to a process of another node, which in the real world only a link does, and says who it is.
class smuggler : public process {
public:
  smuggler(process_context& c, testing::simulated_node& there, pid to, std::uint64_t& actor)
      : process{c}, there_{there}, to_{to}, actor_{actor} {}
  behavior init() override {
    actor_ = id();
    return handlers([this](const token&) { there_.cast(to_, mark{1}); });
  }

private:
  testing::simulated_node& there_;
  pid to_;
  std::uint64_t& actor_;
};

/// Calls a process and notes how that ended.
class asking : public process {
public:
  asking(process_context& c, pid to, std::optional<call_error::kind>& outcome)
      : process{c}, to_{to}, outcome_{outcome} {}
  behavior init() override {
    call<int>(to_, mark{1}, 5s).then([](int) {}, [this](const call_error& e) { outcome_ = e.what; });
    return handlers();
  }

private:
  pid to_;
  std::optional<call_error::kind>& outcome_;
};

/// Never comes to rest.
class restless : public process {
public:
  using process::process;
  behavior init() override {
    cast(self(), token{0});
    return handlers([this](const token& t) { cast(self(), t); });
  }
};

}  // namespace

TEST_CASE("the same seed gives the same run, another seed another one") {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto h = ring_hash(seed);
    CHECK(h == ring_hash(seed));
    hashes.insert(h);
  }
  CHECK(hashes.size() == 50);
}

TEST_CASE("time is virtual and exact: an hour of one-second ticks takes no time and misses none") {
  struct tick {};
  class ticking : public process {
  public:
    ticking(process_context& c, std::vector<time_point>& at) : process{c}, at_{at} {}
    behavior init() override {
      run_after(1s, [this] { go(); });
      return handlers();
    }
    void go() {
      at_.push_back(now());
      run_after(1s, [this] { go(); });
    }
    std::vector<time_point>& at_;
  };
  std::vector<time_point> at;
  world w;
  auto& n = w.start_node();
  n.spawn<ticking>(at);
  w.advance(1h);
  CHECK(at.size() >= 3599);
  CHECK(at.size() <= 3600);
  for (std::size_t i = 1; i < at.size(); ++i)
    CHECK(at[i] - at[i - 1] < 1001ms);
}

TEST_CASE("a handler may be suspended between two sends, as on two processors") {
  int overtaken = 0;
  testing::for_each_seed(2000, [&](world& w) {
    std::vector<int> seen;
    auto& n = w.start_node();
    auto c = n.spawn<recorder>(seen);
    auto b = n.spawn<forwarder>(c);
    auto s = n.spawn<two_sends>(b, c);
    n.cast(s, token{0});
    w.run();
    REQUIRE(seen.size() == 2);
    overtaken += seen[0] == 3 ? 1 : 0;
  });
  CHECK(overtaken > 20);
  CHECK(overtaken < 1000);
}

TEST_CASE("a program that never rests is reported instead of hanging the test") {
  world w{testing::world_options{.steps_to_rest_max = 100'000}};
  auto& n = w.start_node();
  n.spawn<restless>();
  CHECK_THROWS_AS(w.run(), testing::simulation_error);
}

TEST_CASE("run_until says whether it came true in time") {
  world w;
  auto& n = w.start_node();
  std::vector<int> seen;
  auto p = n.spawn<recorder>(seen);
  CHECK_FALSE(w.run_until([&] { return !seen.empty(); }, 5s));
  n.cast(p, mark{1});
  CHECK(w.run_until([&] { return !seen.empty(); }, 5s));
}

TEST_CASE("a crashed node leaves nothing behind, and its name can start again as a new incarnation") {
  world w;
  auto& n = w.start_node("a@sim");
  auto first = n.env().self()->incarnation;
  std::vector<pid> ring;
  for (std::size_t i = 0; i < 5; ++i)
    ring.push_back(n.spawn<runner>(ring, i));
  for (auto& p : ring)
    n.cast(p, token{1000});
  w.advance(10ms);
  w.crash_node(n);
  w.advance(1s);
  auto& again = w.start_node("a@sim");
  CHECK(again.env().self()->incarnation > first);
  CHECK_THROWS_AS(w.start_node("a@sim"), testing::simulation_error);
}

TEST_CASE("a failing story names its seed") {
  std::string text;
  try {
    testing::for_each_seed(100, [](world& w) {
      if (w.seed() == 17)
        throw std::runtime_error{"found it"};
    });
  } catch (const testing::simulation_error& e) {
    text = e.what();
  }
  CHECK(text.starts_with("seed 17: found it\n"));
  testing::for_each_seed(3, [](world& w) { CHECK(testing::current_seed() == w.seed()); });  // For a CHECK that fails.
  CHECK_FALSE(testing::current_seed());
}

TEST_CASE("what a crashed node still had under way does not touch the node that takes its name") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    world w{testing::world_options{.seed = seed, .weather = {.hold_ppm = 1'000'000}}};
    std::vector<int> seen;
    for (int run = 0; run < 5; ++run) {
      auto& n = w.start_node("a@sim");
      auto c = n.spawn<recorder>(seen);
      auto s = n.spawn<two_sends>(c, c);
      n.cast(s, token{0});
      for (std::uint64_t i = 0; i < 2 + seed % 3; ++i)
        w.step();
      seen.clear();
      if (run < 4)
        w.crash_node(n);
    }
    w.run();
    CHECK(seen.size() <= 2);
  }
}

TEST_CASE("a timer that was armed by a part of a node goes with it") {
  world w;
  auto& n = w.start_node();
  int fired = 0;
  n.env().timers().arm(w.now() + 1s, [&] { ++fired; });
  n.env().timers().arm(w.now() + 3s, [&] { ++fired; });
  w.advance(2s);
  w.crash_node(n);
  w.advance(10s);
  CHECK(fired == 1);
}

TEST_CASE("a send to another node suspends the sender and nobody there") {
  world w{testing::world_options{.weather = {.hold_ppm = 1'000'000}}};
  auto& a = w.start_node("a@sim");
  auto& b = w.start_node("b@sim");
  std::vector<int> seen;
  std::uint64_t actor = 0;
  auto s = a.spawn<smuggler>(b, b.spawn<recorder>(seen), actor);
  a.cast(s, token{0});
  CHECK(w.run_until([&] { return actor != 0 && (a.is_held(actor) || b.is_held(actor)); }, 1s));
  CHECK(a.is_held(actor));
  CHECK_FALSE(b.is_held(actor));
  w.run();
  CHECK(seen == std::vector{1});
}

namespace {

/// As two threads would that put one number after the other under a lock: the number and its sends are one.
struct counter_under_lock {
  std::mutex mutex;
  int last = 0;
};
class numbering : public process {
public:
  numbering(process_context& c, counter_under_lock& shared, pid listener)
      : process{c}, shared_{shared}, listener_{std::move(listener)} {}
  behavior init() override {
    return handlers(
        [this](const token&) {
          cast(self(), mark{0});  // May be held: what follows goes out after it all the same.
          std::lock_guard lock{shared_.mutex};
          prompt_sends at_once;
          cast(listener_, mark{++shared_.last});
        },
        [](const mark&) {});
  }

private:
  counter_under_lock& shared_;
  pid listener_;
};

}  // namespace

TEST_CASE("a handler is not suspended at sends that a lock puts into their order") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    world w{testing::world_options{.seed = seed, .weather = {.hold_ppm = 500'000}}};
    auto& n = w.start_node();
    std::vector<int> seen, expected;
    counter_under_lock shared;
    auto listener = n.spawn<recorder>(seen);
    std::vector<pid> all{n.spawn<numbering>(shared, listener), n.spawn<numbering>(shared, listener)};
    for (int i = 1; i <= 20; ++i) {
      n.cast(all[static_cast<std::size_t>(i % 2)], token{0});
      expected.push_back(i);
    }
    w.run();
    REQUIRE(seen == expected);
  }
}

TEST_CASE("a call that was under way when its target died fails at once, not by its time-out") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    world w{testing::world_options{.seed = seed, .weather = {.hold_ppm = 1'000'000}}};
    auto& n = w.start_node();
    std::vector<int> seen;
    std::optional<call_error::kind> outcome;
    auto p = n.spawn<recorder>(seen);
    w.run();
    n.spawn<asking>(p, outcome);
    w.step();  // It asks, and is suspended there.
    n.kill(p);
    w.run();
    REQUIRE(outcome.has_value());
    CHECK(*outcome != call_error::kind::timeout);
  }
}

namespace {

/// Is in its handler for as long as it is told, and casts before and after.
struct work {
  duration first, second;
};
class worker : public process {
public:
  worker(process_context& c, pid listener) : process{c}, listener_{std::move(listener)} {}
  behavior init() override {
    return handlers(
        [this](const work& m) {
          cast(listener_, mark{1});
          testing::block(m.first);
          cast(listener_, mark{2});
          if (m.second > duration::zero())
            testing::block(m.second);
          cast(listener_, mark{3});
        },
        [this](const mark& m) { cast(listener_, m); }, [](const token&) { return 1L; });
  }

private:
  pid listener_;
};

/// Without chance in what is suspended, so that only `block` is.
testing::world_options plain() { return testing::world_options{.weather = {.hold_ppm = 0}}; }

}  // namespace

TEST_CASE("a handler that blocks takes that much virtual time, and what it sends after that goes out at the end") {
  world w{plain()};
  auto& n = w.start_node();
  std::vector<int> seen;
  auto p = n.spawn<worker>(n.spawn<recorder>(seen));
  n.cast(p, work{10s, 0s});
  n.cast(p, mark{4});
  w.advance(9s);
  CHECK(seen == std::vector{1});
  auto info = n.processes().info(p.id(), w.now());
  REQUIRE(info.has_value());
  CHECK(info->state == process_state::running);
  CHECK(info->current.find("work") != std::string::npos);
  CHECK(info->current_age >= 8s);
  CHECK(info->depth == 1);
  w.advance(2s);
  CHECK(seen == std::vector{1, 2, 3, 4});
  CHECK(n.processes().info(p.id(), w.now())->state == process_state::idle);
}

TEST_CASE("a pause that ends before a handler does moves nothing") {
  world w{plain()};
  auto& n = w.start_node();
  std::vector<int> seen;
  auto p = n.spawn<worker>(n.spawn<recorder>(seen));
  n.cast(p, work{10s, 0s});
  n.cast(p, mark{4});
  w.run();
  w.pause_node(n, 1s);
  CHECK(w.run_until([&] { return seen.size() == 4; }));
  CHECK(w.elapsed() < 11s);
}

TEST_CASE("blocking twice in one handler adds up") {
  world w{plain()};
  auto& n = w.start_node();
  std::vector<int> seen;
  auto p = n.spawn<worker>(n.spawn<recorder>(seen));
  n.cast(p, work{10s, 5s});
  w.advance(9s);
  CHECK(seen == std::vector{1});
  w.advance(5s);
  CHECK(seen == std::vector{1, 2});
  w.advance(2s);
  CHECK(seen == std::vector{1, 2, 3});
}

TEST_CASE("nothing reaches a process that blocks, not even a kill, while all others go on") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    std::vector<int> seen;
    auto listener = n.spawn<recorder>(seen);
    auto p = n.spawn<worker>(listener);
    auto free = n.spawn<worker>(listener);
    n.cast(p, work{10s, 0s});
    w.run();
    n.kill(p);
    CHECK(w.ask<long>(free, token{0}) == 1);
    auto outcome = w.try_ask<long>(p, token{0}, 1s);
    CHECK(std::get<call_error>(outcome).what == call_error::kind::timeout);
    w.advance(5s);
    CHECK(n.is_alive(p));
    w.advance(5s);
    CHECK_FALSE(n.is_alive(p));
  });
}

TEST_CASE("block outside a handler is refused") {
  CHECK_THROWS_AS(testing::block(1s), testing::simulation_error);
  world w;
  CHECK_THROWS_AS(w.block_current(1s), testing::simulation_error);
}
