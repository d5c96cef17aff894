#include "actors/events.hpp"
#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

TEST_CASE("a name belongs to one process at a time") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  in(w, n, a, [](subject& self) { CHECK(self.register_as("one").ok()); });
  in(w, n, b, [](subject& self) {
    auto r = self.register_as("one");
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == errc::exists);
    CHECK(self.register_as("").error().code == errc::invalid);
  });
  pid by_name{n.get().identity(), "one"};
  in(w, n, b, [&](subject& self) { self.cast(by_name, add{5}); });
  in(w, n, a, [](subject& self) { CHECK(self.seen == std::vector<long>{5}); });
  n.kill(a);
  w.run();
  in(w, n, b, [](subject& self) { CHECK(self.register_as("one").ok()); });
  CHECK(n.get().whereis("one") == b);
}

TEST_CASE("a process answers to the name it is born with before it has run") {
  testing::for_each_seed(100, [](world& w) {
    auto& n = w.start_node();
    auto other = n.spawn<subject>();
    std::vector<long> seen;
    bool is_answered = false;
    in(w, n, other, [&](subject& self) {
      auto child = self.spawn_as<subject>(birth{.name = "worker"}, [](subject& me) { me.hold_start(); });
      if (n.get().whereis("worker") != child)
        throw std::logic_error{"not there"};
      pid by_name{n.get().identity(), "worker"};
      self.cast(by_name, add{1});
      self.cast(child, add{2});
      self.call<void>(by_name, perform{[&seen](process& p) { seen = static_cast<subject&>(p).seen; }}, 1s)
          .then([&] { is_answered = true; }, [](const call_error&) {});
    });
    w.advance(2s);
    CHECK(n.is_alive(other));
    CHECK(is_answered);
    CHECK(seen == std::vector<long>{1, 2});
  });
}

TEST_CASE("a spawn whose name somebody has throws name_taken, which says who; there is no such process then") {
  world w;
  auto& n = w.start_node();
  auto owner = n.get().spawn_as<subject>(birth{.name = "worker"});
  auto parent = n.spawn<subject>();
  w.run();
  std::optional<pid> taken_by;
  bool has_run = false;
  in(w, n, parent, [&](subject& self) {
    try {
      self.spawn_as<subject>(birth{.start_ref = 1, .name = "worker"}, [&](subject&) { has_run = true; });
    } catch (const name_taken& e) {
      taken_by = e.owner();
    }
  });
  w.run();
  CHECK(taken_by == owner);
  CHECK_FALSE(has_run);
  CHECK(n.processes().count() == 2);
  CHECK(n.get().whereis("worker") == owner);
  in(w, n, parent, [](subject& self) {
    if (!self.order.empty())
      throw std::logic_error{"it was told of a child"};
  });
  CHECK(n.is_alive(parent));
  CHECK_THROWS_AS((void)n.get().spawn_as<subject>(birth{.name = std::string(256, 'x')}), std::invalid_argument);
  CHECK(n.processes().count() == 2);
}

TEST_CASE("what a claim throws the spawn throws, and what the claim had taken is told that it is dead") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  std::vector<reason> told;
  std::vector<std::string> ends;
  bool has_thrown = false;
  auto events = n.events().attach<process_ended>([&](const process_ended& e) { ends.emplace_back(e.reason); });
  in(w, n, parent, [&](subject& self) {
    auto claim = [&](std::uint64_t id) {
      self.watch(pid{n.get().identity(), id}, [&](const reason& why) { told.push_back(why); });
      throw std::runtime_error{"taken there"};
    };
    try {
      self.spawn_as<subject>(birth{.start_ref = 1, .name = "worker", .claim = claim},
                             [](subject& me) { me.at_end = [](subject&, const reason&) { throw 1; }; });
    } catch (const std::runtime_error& e) {
      has_thrown = e.what() == std::string{"taken there"};
    }
  });
  CHECK(has_thrown);
  CHECK(told.size() == 1);
  CHECK(ends.empty());
  CHECK(n.processes().count() == 1);
  CHECK(n.get().whereis("worker") == pid{});
}

TEST_CASE("a claim sees the process it is made for, and what is sent to it there waits for its init") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  std::vector<long> seen;
  pid child;
  in(w, n, parent, [&](subject& self) {
    auto claim = [&](std::uint64_t id) { self.cast(pid{n.get().identity(), id}, add{4}); };
    child = self.spawn_as<subject>(birth{.claim = claim});
  });
  in(w, n, child, [&](subject& self) { seen = self.seen; });
  CHECK(seen == std::vector<long>{4});
}

TEST_CASE("a process has one name at most") {
  world w;
  auto& n = w.start_node();
  auto p = n.get().spawn_as<subject>(birth{.name = "first"});
  std::optional<errc> code;
  in(w, n, p, [&](subject& self) {
    if (auto second = self.register_as("second"); !second)
      code = second.error().code;
  });
  CHECK(code == errc::not_found);
  CHECK(n.get().whereis("second") == pid{});
  CHECK(n.get().whereis("first") == p);
}

TEST_CASE("a name that its owner held at a failed start is free when its parent hears of that") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    int tries = 0;
    in(w, n, parent, [&](subject& self) {
      auto again = [&tries](subject& me) {
        if (++tries < 4)
          me.spawn_as<subject>(birth{.start_ref = 1, .name = "worker"},
                               [](subject&) { throw std::runtime_error{"no"}; });
      };
      self.on_gone = again;
      again(self);
    });
    w.advance(1s);
    CHECK(tries == 4);
    CHECK(n.is_alive(parent));
  });
}
