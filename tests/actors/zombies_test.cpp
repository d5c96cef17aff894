// Processes that were killed and do not return from their handler (M9), in virtual time.

#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

/// A parent, a child of it with a name that is in a handler for an hour, and everybody who cares.
struct fixture {
  explicit fixture(world& in_world) : w{in_world}, n{w.start_node()}, parent{n.spawn<subject>()} {
    w.run();
    in(w, n, parent, [this](subject& self) {
      child = self.spawn_as<subject>(birth{.start_ref = 7, .name = "worker", .label = "the worker"},
                                     [kept = token](subject& me) { me.at_end = [kept](subject&, const reason&) {}; });
    });
    linked = trapping(w, n, trapped);
    other = n.spawn<subject>();
    in(w, n, linked, [this](subject& self) { self.link(child); });
    in(w, n, other, [this](subject& self) { self.watch(child, [this](const reason& why) { told.push_back(why); }); });
  }
  void keep_busy(std::function<void(subject&)> then = {}) {
    n.cast(child, perform{[then](process& p) {
             testing::block(1h);
             if (then)
               then(static_cast<subject&>(p));
           }});
    w.run();
  }
  bool give_up() {
    n.kill(child);
    w.run();
    return n.processes().fence(child.id(), w.now());
  }
  std::vector<child_gone> gone() {
    std::vector<child_gone> all;
    in(w, n, parent, [&](subject& self) { all = self.gone; });
    return all;
  }

  std::shared_ptr<int> token = std::make_shared<int>(1);
  world& w;
  testing::simulated_node& n;
  pid parent, child, linked, other;
  std::vector<exit_signal> trapped;
  std::vector<reason> told;
};

}  // namespace

TEST_CASE("a process that is given up is found by nobody, and everybody is told that it was killed") {
  testing::for_each_seed(50, [](world& w) {
    fixture f{w};
    std::vector<call_error> errors;
    f.keep_busy();
    in(w, f.n, f.other, [&](subject& self) {
      self.call<long>(f.child, get{}, 2h).then([](long) {}, [&](const call_error& e) { errors.push_back(e); });
    });
    CHECK(f.n.is_alive(f.child));
    REQUIRE(f.give_up());
    w.run();
    CHECK_FALSE(f.n.is_alive(f.child));
    CHECK_FALSE(f.n.processes().is_alive(f.child.id()));
    CHECK(f.n.get().whereis("worker") == pid{});
    CHECK(how_ended(f.n, f.child) == reason::killed());
    CHECK(f.told == std::vector{reason::killed()});
    REQUIRE(f.trapped.size() == 1);
    CHECK(f.trapped[0].why == reason::killed());
    CHECK(errors == std::vector{call_error{call_error::kind::crashed, reason::killed()}});
    CHECK(f.gone().empty());
    CHECK_FALSE(f.n.processes().fence(f.child.id(), w.now()));
  });
}

TEST_CASE("a zombie is listed, with what it is doing and for how long, and counts until it is gone") {
  world w;
  fixture f{w};
  f.keep_busy();
  w.advance(10min);
  REQUIRE(f.give_up());
  w.advance(1min);
  auto info = f.n.processes().info(f.child.id(), w.now());
  REQUIRE(info.has_value());
  CHECK(info->state == process_state::zombie);
  CHECK(info->label == "the worker");
  CHECK(info->parent == f.parent.id());
  CHECK(info->current.find("perform") != std::string::npos);
  CHECK(info->current_age >= 11min);
  CHECK(info->zombie_for >= 1min);
  CHECK(info->zombie_for < 2min);
  CHECK(info->name.empty());
  std::size_t listed = 0;
  for (const auto& p : f.n.processes().list(w.now()))
    listed += p.id == f.child.id() ? 1 : 0;
  CHECK(listed == 1);
  CHECK(f.n.processes().count() == 4);
}

TEST_CASE("a zombie whose handler returns is destroyed, and its parent hears of it then") {
  testing::for_each_seed(50, [](world& w) {
    fixture f{w};
    // Whatever it makes of its end.
    f.keep_busy([&](subject& self) {
      if (w.seed() % 3 == 0)
        self.run_after(1s, [] { throw std::runtime_error{"never"}; });
    });
    f.n.cast(f.child, perform{[](process&) { throw std::runtime_error{"not handled any more"}; }});
    w.run();
    if (w.seed() % 2 == 0)
      CHECK(f.give_up());
    else
      CHECK(f.n.processes().fence(f.child.id(), w.now()));  // Without a kill before: the same.
    w.advance(30min);
    CHECK(f.gone().empty());
    CHECK(f.token.use_count() == 2);
    w.advance(31min);
    auto gone = f.gone();
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].start_ref == 7);
    CHECK(gone[0].when == child_gone::stage::running);
    CHECK(gone[0].why == reason::killed());
    CHECK(f.token.use_count() == 1);
    CHECK(f.n.processes().count() == 3);
    CHECK_FALSE(f.n.processes().info(f.child.id(), w.now()).has_value());
    CHECK(f.told.size() == 1);
    CHECK(f.trapped.size() == 1);
  });
}

TEST_CASE("what a zombie sends reaches nobody") {
  testing::for_each_seed(50, [](world& w) {
    fixture f{w};
    f.n.cast(f.child, perform{[&](process& p) { static_cast<subject&>(p).cast(f.other, add{1}); }});
    w.run();
    f.keep_busy([&](subject& self) {
      self.cast(f.other, add{2});
      self.exit(f.other, reason::custom("from the dead"));
      self.call<long>(f.other, add{3}, 1s).then([](long) {}, [](const call_error&) {});
    });
    CHECK(f.give_up());
    w.advance(2h);
    CHECK(f.n.is_alive(f.other));
    std::vector<long> seen;
    in(w, f.n, f.other, [&](subject& self) { seen = self.seen; });
    CHECK(seen == std::vector<long>{1});
  });
}

TEST_CASE("a successor takes the name and the slot of a zombie, and is not disturbed by its end") {
  testing::for_each_seed(50, [](world& w) {
    fixture f{w};
    f.keep_busy();
    CHECK(f.give_up());
    std::vector<pid> others;  // Slots rest; one of these has that of the zombie.
    for (int i = 0; i < 10; ++i)
      others.push_back(f.n.spawn<subject>());
    auto successor = f.n.get().spawn_as<subject>(birth{.name = "worker"});
    w.advance(2h);
    CHECK(f.n.get().whereis("worker") == successor);
    for (const auto& p : others)
      CHECK(f.n.is_alive(p));
    CHECK(f.gone().size() == 1);
    CHECK(f.n.processes().count() == 3 + 10 + 1);
  });
}

TEST_CASE("only who has not ended can be given up; an idle process ends of it") {
  world w;
  fixture f{w};
  CHECK(f.n.processes().fence(f.child.id(), w.now()));
  w.run();
  CHECK(f.gone().size() == 1);
  CHECK_FALSE(f.n.processes().fence(f.child.id(), w.now()));
  CHECK_FALSE(f.n.processes().fence(0, w.now()));
  CHECK_FALSE(f.n.processes().fence(std::uint64_t{123} << 24 | 77, w.now()));
}

TEST_CASE("a process can be given up in its init, and has not started then") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  pid child;
  in(w, n, parent, [&](subject& self) {
    child = self.spawn_as<subject>(birth{.start_ref = 7}, [](subject&) { testing::block(1h); });
  });
  auto info = n.processes().info(child.id(), w.now());
  REQUIRE(info.has_value());
  CHECK(info->current == "init");
  CHECK(n.processes().fence(child.id(), w.now()));
  w.advance(2h);
  std::string order;
  in(w, n, parent, [&](subject& self) { order = self.order; });
  CHECK(order == "g");
}

TEST_CASE("a node that crashes takes its zombies along") {
  auto token = std::make_shared<int>(1);
  {
    world w;
    fixture f{w};
    token = f.token;
    f.keep_busy();
    CHECK(f.give_up());
    CHECK(token.use_count() == 3);
  }
  CHECK(token.use_count() == 1);
}
