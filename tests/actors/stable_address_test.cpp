// Names that keep what is sent while nobody answers to them.

#include "actors/events.hpp"
#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

/// A node with a stable address and a process to send from.
struct fixture {
  explicit fixture(world& in_world, std::size_t park_max = 100)
      : w{in_world}, n{w.start_node()}, address{n.get().identity(), "worker"}, sender{n.spawn<subject>()} {
    n.processes().names().declare("worker", park_max);
    w.run();
  }
  pid start(std::function<void(subject&)> at_start = {}) {
    return n.get().spawn_as<subject>(birth{.name = "worker"}, std::move(at_start));
  }
  void cast(long number) {
    in(w, n, sender, [this, number](subject& self) { self.cast(address, add{number}); });
  }
  std::vector<long> seen_by(const pid& p) {
    std::vector<long> seen;
    in(w, n, p, [&](subject& self) { seen = self.seen; });
    return seen;
  }
  template <class M>
  void call(M m, duration within = 10s) {
    in(w, n, sender, [this, m, within](subject& self) {
      self.call<long>(address, m, within)
          .then([this](long value) { values.push_back(value); }, [this](const call_error& e) { errors.push_back(e); });
    });
  }

  world& w;
  testing::simulated_node& n;
  pid address;
  pid sender;
  std::vector<long> values;
  std::vector<call_error> errors;
};

}  // namespace

TEST_CASE("what is sent in a gap reaches the next owner before anything sent later, in order") {
  testing::for_each_seed(300, [](world& w) {
    fixture f{w};
    auto first = f.start([](subject& self) { self.limit_mailbox(1000); });
    long next = 0;
    auto burst = [&](int count) {
      for (int i = 0; i < count; ++i)
        f.n.cast(f.sender,
                 perform{[&f, number = next++](process& p) { static_cast<subject&>(p).cast(f.address, add{number}); }});
    };
    burst(3);
    w.run();
    CHECK(f.seen_by(first).size() == 3);
    f.n.kill(first);
    w.run();
    burst(5);
    w.run();
    burst(5);
    auto second = f.start();  // Runs together with the sender.
    burst(5);
    w.run();
    std::vector<long> wanted;
    for (long i = 3; i < 18; ++i)
      wanted.push_back(i);
    CHECK(f.seen_by(second) == wanted);
  });
}

TEST_CASE("a successor that holds its start is sent nothing until it confirms") {
  world w;
  fixture f{w};
  f.cast(1);
  auto p = f.start([](subject& self) { self.hold_start(); });
  w.run();
  f.cast(2);
  CHECK(f.seen_by(p).empty());
  CHECK(f.n.get().whereis("worker") == p);
  in(w, f.n, p, [](subject& self) { self.confirm_start(); });
  f.cast(3);
  CHECK(f.seen_by(p) == std::vector<long>{1, 2, 3});
}

TEST_CASE("a process may take a stable address later in its life") {
  world w;
  fixture f{w};
  f.cast(1);
  auto p = f.n.spawn<subject>();
  in(w, f.n, p, [](subject& self) { CHECK(self.register_as("worker").ok()); });
  f.cast(2);
  CHECK(f.seen_by(p) == std::vector<long>{1, 2});
}

TEST_CASE("a name that somebody has can be declared a stable address without a gap") {
  world w;
  auto& n = w.start_node();
  auto p = n.get().spawn_as<subject>(birth{.name = "worker"});
  w.run();
  n.processes().names().declare("worker", 10);
  n.cast(pid{n.get().identity(), "worker"}, add{1});
  w.run();
  in(w, n, p, [](subject& self) { CHECK(self.seen == std::vector<long>{1}); });
}

TEST_CASE("as many messages as may be parked are; more are dropped, counted and told, calls answered busy") {
  world w;
  fixture f{w, 3};
  std::vector<std::uint64_t> overflows;
  auto h = f.n.events().attach<gap_overflow>([&](const gap_overflow& e) {
    CHECK(e.name == "worker");
    overflows.push_back(e.total);
  });
  for (long i = 0; i < 5; ++i)
    f.cast(i);
  f.call(get{});
  f.n.cast(f.address, add{99});  // From outside it is the same.
  w.run();
  CHECK(overflows == std::vector<std::uint64_t>{1, 2, 3, 4});
  REQUIRE(f.errors.size() == 1);
  CHECK(f.errors[0].what == call_error::kind::busy);
  auto p = f.start();
  w.run();
  CHECK(f.seen_by(p) == std::vector<long>{0, 1, 2});
}

TEST_CASE("what was parked is not refused by the mailbox of the successor") {
  world w;
  fixture f{w};
  for (long i = 0; i < 20; ++i)
    f.cast(i);
  auto p = f.start([](subject& self) { self.limit_mailbox(5); });
  w.run();
  CHECK(f.seen_by(p).size() == 20);
  CHECK(f.n.processes().info(p.id(), w.now())->shed == 0);
}

TEST_CASE("a call that was parked is answered by the successor, as any other") {
  auto story = [](const std::function<void(world&, fixture&)>& tell) {
    testing::for_each_seed(50, [&](world& w) {
      fixture f{w};
      tell(w, f);
      CHECK(f.values.size() + f.errors.size() == 1);
      CHECK(f.n.processes().relations(f.sender.id()).watches.empty());
    });
  };
  auto start_counter = [](fixture& f) { return f.n.get().spawn_as<counter>(birth{.name = "worker"}); };
  SUBCASE("with a value") {
    story([&](world&, fixture& f) {
      f.cast(5);
      f.call(get{});
      start_counter(f);
      f.w.run();
      CHECK(f.values == std::vector<long>{5});
    });
  }
  SUBCASE("with the reason, when it crashes of it") {
    story([&](world&, fixture& f) {
      f.call(fail{});
      start_counter(f);
      f.w.run();
      CHECK(f.errors == std::vector{call_error{call_error::kind::crashed, reason::crashed("no more")}});
    });
  }
  SUBCASE("with the reason, when it ends before it has answered") {
    story([&](world&, fixture& f) {
      f.call(get_later{});
      auto p = start_counter(f);
      f.w.run();
      f.n.exit(p, reason::custom("over"));
      f.w.run();
      CHECK(f.errors == std::vector{call_error{call_error::kind::crashed, reason::custom("over")}});
    });
  }
  SUBCASE("with killed, when it has to be given up with it") {
    story([&](world& w, fixture& f) {
      f.call(perform{[](process&) { testing::block(1h); }}, 2h);
      auto p = f.start();
      w.run();
      CHECK(f.n.processes().fence(p.id(), w.now()));
      w.advance(1s);
      CHECK(f.errors == std::vector{call_error{call_error::kind::crashed, reason::killed()}});
    });
  }
}

TEST_CASE("a call whose time is up while it is parked fails once; the successor's answer is not seen") {
  world w;
  fixture f{w};
  f.call(get{}, 1s);
  w.advance(2s);
  CHECK(f.errors == std::vector{call_error{call_error::kind::timeout, {}}});
  f.n.get().spawn_as<counter>(birth{.name = "worker"});
  w.advance(1s);
  CHECK(f.values.empty());
  CHECK(f.errors.size() == 1);
}

TEST_CASE("a parked call whose caller has ended reaches the successor and hurts nobody") {
  world w;
  fixture f{w};
  f.call(get{});
  f.n.kill(f.sender);
  w.run();
  auto p = f.n.get().spawn_as<counter>(birth{.name = "worker"});
  w.advance(20s);
  CHECK(f.n.is_alive(p));
  CHECK(f.n.processes().info(p.id(), w.now())->handled == 1);
  CHECK(f.values.empty());
}

TEST_CASE("a withdrawn address drops what is parked and answers its calls noproc") {
  world w;
  fixture f{w};
  f.cast(1);
  f.call(get{});
  f.n.processes().names().withdraw("worker");
  w.run();
  REQUIRE(f.errors.size() == 1);
  CHECK(f.errors[0].what == call_error::kind::noproc);
  f.cast(2);
  CHECK(f.seen_by(f.start()).empty());
}

TEST_CASE("an order to stop whoever has a name is not parked for the next") {
  world w;
  fixture f{w};
  std::optional<call_error> outcome;
  in(w, f.n, f.sender,
     [&](subject& self) { self.stop_process(f.address, reason::shutdown(), 5s, [&](const auto& e) { outcome = e; }); });
  auto p = f.start();
  w.advance(10s);
  REQUIRE(outcome.has_value());
  CHECK(outcome->what == call_error::kind::noproc);
  CHECK(f.n.is_alive(p));
}

TEST_CASE("a node that ends with parked calls ends in order") {
  auto token = std::make_shared<int>(1);
  {
    world w;
    fixture f{w};
    in(w, f.n, f.sender, [&](subject& self) {
      self.call<void>(f.address, perform{[token](process&) {}}, 1h).then([] {}, [](const call_error&) {});
    });
    CHECK(token.use_count() > 1);
  }
  CHECK(token.use_count() == 1);
}
