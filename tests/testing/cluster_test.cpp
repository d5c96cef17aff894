#include "testing/cluster.hpp"

#include "testing/disk/simulated_disk.hpp"
#include "testing/fixtures/probe.hpp"
#include "testing/net/simulated_network.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct beat {};

/// Ticks for ever, and says goodbye when it ends.
class ticker final : public process {
public:
  struct log {
    std::vector<time_point> ticks{};
    int goodbyes = 0;
  };
  ticker(process_context& c, log& l, pid friend_of) : process{c}, log_{l}, friend_{std::move(friend_of)} {}
  behavior init() override {
    (void)register_as("ticker");
    tick();
    return handlers();
  }
  void terminate(const reason&) override {
    ++log_.goodbyes;
    cast(friend_, beat{});
  }

private:
  void tick() {
    log_.ticks.push_back(now());
    run_after(100ms, [this] { tick(); });
  }
  log& log_;
  pid friend_;
};

struct fixture {
  explicit fixture(world& in)
      : w{in}, c{in, {"a@sim", "b@sim"}, [this](simulated_node& n) {
                   ++boots;
                   if (refuses > 0 && refuses-- > 0)
                     throw start_refused{"not yet"};
                   n.spawn<ticker>(log, pid{});
                 }} {}
  world& w;
  ticker::log log;
  int boots = 0, refuses = 0;
  cluster c;
};

/// Counts what it sees, and is broken when told.
class watcher final : public checker {
public:
  explicit watcher(int& starts) : checker{"nothing happens"}, starts_{starts} {}
  void on_start(simulated_node&) override { ++starts_; }
  void on_end(simulated_node& n, node_end how) override {
    if (how == node_end::power_loss)
      fail(n.name() + " lost power");
  }

private:
  int& starts_;
};

}  // namespace

TEST_CASE("a paused node does nothing until it goes on, then what was due happens at once and in order") {
  for_each_seed(20, [](world& w) {
    fixture f{w};
    f.c.start("a@sim");
    w.pass(1s);
    CHECK(f.log.ticks.size() == 10);
    f.c.pause("a@sim", 550ms);
    w.pass(500ms);
    CHECK(f.log.ticks.size() == 10);
    w.pass(200ms);
    CHECK(f.log.ticks.size() >= 11);
    CHECK(f.log.ticks[10] - f.log.ticks[9] >= 550ms);
  });
}

TEST_CASE("a crash runs destructors but nothing the node sends while it dies reaches anybody") {
  for_each_seed(20, [](world& w) {
    ticker::log log;
    auto& a = w.start_node("a@sim");
    auto& b = w.start_node("b@sim");
    probe friend_of_it{b};
    probe neighbour{a};
    a.spawn<ticker>(log, neighbour.address());
    int events = 0;
    auto handle = a.events().attach_all([&](const event_view&) { ++events; });
    w.pass(300ms);
    auto before = events;
    w.crash_node(a);
    CHECK(log.goodbyes == 1);
    CHECK(events == before);
    friend_of_it.expect_nothing(1s);
  });
}

TEST_CASE("a node that is stopped in order ends its processes within virtual time") {
  for_each_seed(20, [](world& w) {
    fixture f{w};
    f.c.start();
    w.pass(300ms);
    f.c.stop("a@sim");
    CHECK(f.log.goodbyes == 1);
    CHECK_FALSE(f.c.is_up("a@sim"));
    CHECK(f.c.is_up("b@sim"));
  });
}

TEST_CASE("a stop that does not end in time names who is left") {
  world w;
  class stuck final : public process {
  public:
    using process::process;
    behavior init() override {
      return handlers([](const beat&) { block(1h); });
    }
  };
  cluster c{w, {"a@sim"}, [](simulated_node& n) { n.cast(n.spawn<stuck>(), beat{}); }};
  c.start();
  c.run_until([&] { return c["a@sim"].processes().list(w.now()).front().current != ""; });
  CHECK_THROWS_WITH_AS(c.stop("a@sim", 1s), doctest::Contains("stuck"), simulation_error);
}

TEST_CASE("a machine keeps its clock and counts its starts; every start is a new incarnation") {
  world w{world_options{.seed = 3, .weather = {.skew_max = 500ms}}};
  fixture f{w};
  f.c.start();
  auto skew = f.c["a@sim"].env().time().wall_now() - f.c["b@sim"].env().time().wall_now();
  CHECK(skew != wall_time::duration{});
  CHECK(std::chrono::abs(skew) <= 1s);
  f.c.step_clock("a@sim", 1h);
  auto first = f.c["a@sim"].incarnation();
  f.c.crash("a@sim");
  CHECK_THROWS_WITH_AS((void)f.c["a@sim"], doctest::Contains("a@sim is down"), simulation_error);
  f.c.start("a@sim");
  CHECK(f.c["a@sim"].incarnation() > first);
  CHECK(f.c.at("a@sim").starts() == 2);
  CHECK(f.c["a@sim"].env().time().wall_now() - f.c["b@sim"].env().time().wall_now() == skew + 1h);
}

TEST_CASE("crashed, refused and given-up programs come back by themselves") {
  world w;
  fixture f{w};
  f.c.start();
  f.refuses = 2;
  f.c.inject({.what = fault_kind::crash, .node = "a@sim", .lasts = 250ms});
  CHECK_FALSE(f.c.is_up("a@sim"));
  w.pass(240ms);
  CHECK_FALSE(f.c.is_up("a@sim"));
  w.pass(300ms);
  CHECK(f.c.is_up("a@sim"));
  CHECK(f.boots == 5);  // Twice it refused.
  f.c["b@sim"].quit_program();
  w.pass(50ms);
  CHECK_FALSE(f.c.is_up("b@sim"));
  w.pass(200ms);
  CHECK(f.c.is_up("b@sim"));
}

TEST_CASE("of faults that overlap each lasts for its own time") {
  world w;
  fixture f{w};
  auto cut = [](duration d) {
    return fault{.what = fault_kind::partition, .node = "a@sim", .other = "b@sim", .lasts = d};
  };
  auto is_cut = [&] { return w.network().is_cut("b@sim", "a@sim"); };
  auto slow = [](std::uint64_t times, duration d) {
    return fault{.what = fault_kind::slow_disk, .node = "a@sim", .lasts = d, .amount = times};
  };
  auto slowness = [&] { return f.c.at("a@sim").disk().slowness(); };
  f.c.inject(cut(100ms));
  f.c.inject({.what = fault_kind::slow_link, .node = "a@sim", .other = "b@sim", .lasts = 50ms, .amount = 1});
  f.c.inject(slow(10, 100ms));
  w.pass(70ms);
  CHECK(is_cut());
  f.c.inject(cut(100ms));
  f.c.inject(slow(3, 100ms));
  w.pass(70ms);
  CHECK(is_cut());
  CHECK(slowness() == 3);
  w.pass(70ms);
  CHECK_FALSE(is_cut());
  CHECK(slowness() == 1);

  // What was healed is over; a cut by hand is none of its business.
  f.c.inject(cut(100ms));
  f.c.heal();
  f.c.partition("a@sim", "b@sim");
  w.pass(200ms);
  CHECK(is_cut());
}

TEST_CASE("a cluster that is gone does nothing any more") {
  world w;
  {
    fixture f{w};
    f.c.start();
    f.c.inject({.what = fault_kind::crash, .node = "a@sim", .lasts = 500ms});
    f.c.inject({.what = fault_kind::disk_full, .node = "b@sim", .lasts = 500ms});
  }
  w.pass(1s);
  CHECK(w.find_node("a@sim") == nullptr);
}

TEST_CASE("a restart that is due starts nothing that was started and stopped meanwhile") {
  world w;
  fixture f{w};
  f.c.start();
  f.c.inject({.what = fault_kind::crash, .node = "a@sim", .lasts = 500ms});
  f.c.recover();
  f.c.stop("a@sim");
  w.pass(1s);
  CHECK_FALSE(f.c.is_up("a@sim"));
}

TEST_CASE("a program that quits while it is stopped ends once") {
  world w;
  class quitter final : public process {
  public:
    quitter(process_context& c, simulated_node& n) : process{c}, node_{n} {}
    behavior init() override { return handlers(); }
    void terminate(const reason&) override { node_.quit_program(); }

  private:
    simulated_node& node_;
  };
  class slow final : public process {
  public:
    using process::process;
    behavior init() override {
      trap_exits([this](const exit_signal&) { run_after(1s, [this] { stop(); }); });
      return handlers();
    }
  };
  cluster c{w, {"a@sim"}, [](simulated_node& n) {
              n.spawn<quitter>(n);
              n.spawn<slow>();
            }};
  c.start();
  w.pass(1s);
  c.stop("a@sim");
  w.pass(1s);
  CHECK_FALSE(c.is_up("a@sim"));
}

TEST_CASE("processes are killed by name; what nobody is called is an answer, not an error") {
  world w;
  fixture f{w};
  f.c.start("a@sim");
  w.pass(50ms);
  CHECK(f.c.kill("a@sim", "ticker"));
  w.pass(10ms);
  CHECK(f.log.goodbyes == 1);
  CHECK_FALSE(f.c.kill("a@sim", "ticker"));
  CHECK_THROWS_WITH_AS(f.c.kill("x@sim", "ticker"), doctest::Contains("x@sim"), simulation_error);
}

TEST_CASE("a broken checker stops the story at that step, with its evidence") {
  world w;
  fixture f{w};
  int starts = 0;
  f.c.check<watcher>(starts);
  f.c.start();
  CHECK(starts == 2);
  w.at(w.now() + 300ms, [&] { f.c.lose_power("b@sim"); });
  CHECK_THROWS_WITH_AS(f.c.advance(1s), doctest::Contains("b@sim lost power"), simulation_error);
  CHECK(w.elapsed() < 310ms);
  CHECK_THROWS_AS(f.c.verify(), simulation_error);
}

TEST_CASE("an expectation that does not come true says what was expected") {
  world w;
  fixture f{w};
  f.c.start();
  CHECK_THROWS_WITH_AS(f.c.expect(
                           "the moon falls", [] { return false; }, 1s),
                       doctest::Contains("the moon falls"), simulation_error);
}
