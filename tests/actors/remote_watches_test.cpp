// Watching processes of other nodes: each watch fires once at most, and what it says (D61, D64, D65, I8).

#include "actors/remote_pair.hpp"
#include "base/planted.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::for_each_seed;
using testing::world;

namespace {

using reasons = std::vector<reason>;

auto into(reasons& told) {
  return [&told](const reason& why) { told.push_back(why); };
}

}  // namespace

TEST_CASE("a DOWN of another node comes once, behind everything the dead one sent (S10, D61)") {
  for_each_seed(200, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    auto worker = p.spawn(*p.b, "worker");
    std::vector<std::string> story;
    p.at(*p.a, watcher, [&](talker& self) {
      self.watch(worker, [&](const reason& why) {
        story.push_back("down " + to_string(why) + " saw " + std::to_string(self.seen.size()));
        CHECK(p.b->get().whereis("worker") == pid{});
      });
    });
    w.advance(10ms);
    p.at(*p.b, worker, [&](talker& self) {
      self.cast(watcher, note{1});
      self.cast(watcher, note{2});
      self.stop(reason::shutdown("done"));
      self.at_end = [&](subject& me, const reason&) { me.cast(watcher, note{3}); };
    });
    w.advance(1s);
    CHECK(story == std::vector<std::string>{"down shutdown: done saw 3"});
    p.cut();
    w.advance(1s);
    CHECK(story.size() == 1);
    CHECK(p.is_quiet());
  });
}

TEST_CASE("DS6 watching a dead process of another node tells noproc once, and nothing of it remains") {
  for_each_seed(50, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    auto dead = p.spawn(*p.b);
    p.b->kill(dead);
    w.run();
    reasons told;
    p.at(*p.a, watcher, [&](talker& self) {
      self.watch(dead, into(told));
      self.watch(pid{p.b->get().identity(), "nobody"}, into(told));
      self.watch(pid{p.b->get().identity(), std::string(300, 'x')}, into(told));
    });
    w.advance(1s);
    CHECK(told == reasons(3, reason::noproc()));
    p.cut();
    w.advance(1s);
    CHECK(told.size() == 3);
    CHECK(p.is_quiet());
  });
}

TEST_CASE("DS6 a link with a process of another node is refused with one exit, and none remains") {
  world w;
  remote_pair p{w};
  std::vector<exit_signal> trapped;
  auto here = trapping(w, *p.a, trapped);
  auto there = p.spawn(*p.b);
  in(w, *p.a, here, [&](subject& self) { self.link(there); });
  REQUIRE(trapped.size() == 1);
  CHECK(trapped[0].why == reason::noconnection());
  p.b->kill(there);
  p.cut();
  w.advance(1s);
  CHECK(trapped.size() == 1);
}

TEST_CASE("SY7 watches of many processes of another node each tell how theirs ended") {
  for_each_seed(20, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    std::map<std::string, int> told;
    std::vector<pid> workers;
    for (int i = 0; i < 20; ++i)
      workers.push_back(p.spawn(*p.b));
    p.at(*p.a, watcher, [&](talker& self) {
      for (const auto& to : workers)
        for (int twice = 0; twice < 2; ++twice)
          self.watch(to, [&](const reason& why) { ++told[to_string(why)]; });
    });
    w.advance(5ms);
    for (std::size_t i = 0; i < workers.size(); ++i)
      p.b->exit(workers[i], reason::custom(std::to_string(i)));
    w.advance(1s);
    CHECK(told.size() == 20);
    for (const auto& [why, times] : told)
      CHECK(times == 2);
    CHECK(p.is_quiet());
  });
}

TEST_CASE(
    "SY8 the loss of a link tells every watch noconnection once, in the order they were made; they do not return") {
  for_each_seed(50, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    auto worker = p.spawn(*p.b);
    std::vector<int> order;
    reasons told;
    p.at(*p.a, watcher, [&](talker& self) {
      for (int i = 0; i < 10; ++i)
        self.watch(worker, [&, i](const reason& why) {
          order.push_back(i);
          told.push_back(why);
        });
    });
    w.pass(duration{static_cast<duration::rep>(w.seed() % 10) * 300'000});
    p.cut();
    w.run();
    CHECK(told == reasons(10, reason::noconnection()));
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    p.link();
    CHECK(p.b->is_alive(worker));  // It lives on (D65).
    p.b->kill(worker);
    w.advance(1s);
    CHECK(told.size() == 10);
    CHECK(p.is_quiet());
  });
}

TEST_CASE("the planted bug of watches that fire twice is one that this suite sees") {
  auto on = planted::scope{planted::bug::down_twice};
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b);
  reasons told;
  p.at(*p.a, watcher, [&](talker& self) { self.watch(worker, into(told)); });
  w.advance(10ms);
  p.b->exit(worker, reason::custom("over"));
  w.advance(10ms);
  p.cut();
  w.advance(10ms);
  CHECK(told == reasons{reason::custom("over"), reason::noconnection()});
}

TEST_CASE("a watch that ends in a race with the link's loss fires once") {
  for_each_seed(300, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    auto worker = p.spawn(*p.b);
    reasons told;
    p.at(*p.a, watcher, [&](talker& self) { self.watch(worker, into(told)); });
    w.pass(duration{static_cast<duration::rep>(w.seed() % 30) * 100'000});
    p.b->exit(worker, reason::custom("over"));
    w.pass(duration{static_cast<duration::rep>(w.seed() % 7) * 300'000});
    p.at_a->down();
    w.pass(1ms);
    p.at_b->down();
    p.link();
    w.advance(1s);
    REQUIRE(told.size() == 1);
    CHECK((told[0] == reason::custom("over") || told[0] == reason::noconnection() || told[0] == reason::noproc()));
    CHECK(p.is_quiet());
  });
}

TEST_CASE("the restart of a node tells noconnection for its earlier run, and noproc from then on") {
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b, "worker");
  reasons told;
  p.at(*p.a, watcher, [&](talker& self) { self.watch(worker, into(told)); });
  w.advance(10ms);
  p.restart_b();
  w.advance(10ms);
  CHECK(told == reasons{reason::noconnection()});
  p.at(*p.a, watcher, [&](talker& self) { self.watch(worker, into(told)); });
  w.advance(1s);
  CHECK(told == reasons{reason::noconnection(), reason::noproc()});
}

TEST_CASE("an unwatched process tells nothing, and the other node does not watch it any more") {
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b);
  reasons told;
  process::watch_ref ref = 0;
  p.at(*p.a, watcher, [&](talker& self) { ref = self.watch(worker, into(told)); });
  w.advance(10ms);
  CHECK(p.b->env().remote().count().served == 1);
  SUBCASE("in time") {
    p.at(*p.a, watcher, [&](talker& self) { self.unwatch(ref); });
    w.advance(10ms);
    CHECK(p.is_quiet());
    p.b->kill(worker);
  }
  SUBCASE("while the DOWN is on its way") {
    p.b->kill(worker);
    w.run();
    p.at(*p.a, watcher, [&](talker& self) { self.unwatch(ref); });
  }
  SUBCASE("because the watcher ended") {
    p.a->exit(watcher, reason::shutdown());
    w.advance(10ms);
    CHECK(p.is_quiet());
    p.b->kill(worker);
  }
  w.advance(1s);
  CHECK(told.empty());
  CHECK(p.is_quiet());
}

TEST_CASE("a zombie tells its watchers on other nodes when it is given up, and reaches nobody from then on") {
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b);
  reasons told;
  p.at(*p.a, watcher, [&](talker& self) { self.watch(worker, into(told)); });
  w.advance(10ms);
  p.b->cast(worker, perform{[&](process& me) {
              auto& self = static_cast<talker&>(me);
              CHECK(p.b->processes().fence(worker.id(), w.now()));
              self.cast(watcher, note{1});
              self.exit(watcher, reason::kill());
              self.watch(watcher, [](const reason&) {});
            }});
  w.advance(1s);
  CHECK(told == reasons{reason::killed()});
  CHECK(p.a->is_alive(watcher));
  p.at(*p.a, watcher, [](talker& self) { CHECK(self.seen.empty()); });
  CHECK(p.is_quiet());
}

TEST_CASE("a full queue delays a DOWN, and neither loses it nor lets it overtake") {
  for_each_seed(50, [](world& w) {
    remote_pair p{w};
    auto watcher = p.spawn(*p.a);
    std::vector<pid> workers;
    for (int i = 0; i < 30; ++i)
      workers.push_back(p.spawn(*p.b));
    int told = 0;
    p.at(*p.a, watcher, [&](talker& self) {
      for (const auto& to : workers)
        self.watch(to, [&](const reason&) { ++told; });
    });
    w.advance(10ms);
    p.at_b->room = 2;
    for (const auto& to : workers)
      p.b->kill(to);
    w.run();
    CHECK(told < 30);
    CHECK(p.b->env().remote().count().backlog > 0);
    w.advance(1s);
    CHECK(told == 30);
    CHECK(p.is_quiet());
  });
}

TEST_CASE("watching a name watches who has it, and fires noproc when nobody does") {
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b, "worker");
  reasons told;
  pid name{std::make_shared<node_identity>(node_identity{"b@sim", 0}), "worker"};
  p.at(*p.a, watcher, [&](talker& self) { self.watch(name, into(told)); });
  w.advance(10ms);
  p.b->exit(worker, reason::custom("over"));
  w.advance(10ms);
  CHECK(told == reasons{reason::custom("over")});
}

TEST_CASE("more watches and calls than may be towards one node tell noconnection and busy, and it is counted") {
  world w;
  remote_pair p{w};
  auto watcher = p.spawn(*p.a);
  auto worker = p.spawn(*p.b);
  auto& remote = p.a->env().remote();
  std::uint64_t dropped = 0;
  auto h = p.a->events().attach<remote_message_dropped>([&](const remote_message_dropped& e) { dropped = e.total; });
  reasons told;
  outcome_log outcomes;
  p.at_a->is_deaf = true;
  for (std::size_t i = 0; i < remote_processes::entries_per_peer_max; ++i)
    remote.watch(watcher.id(), p.a->processes().next_ref(), worker);
  p.at(*p.a, watcher, [&](talker& self) {
    self.watch(worker, into(told));
    outcomes.call(self, worker, question{1});
  });
  CHECK(told == reasons{reason::noconnection()});
  CHECK(outcomes.all == std::vector<std::string>{"busy"});
  CHECK(dropped == 2);
  p.a->kill(watcher);
  w.run();
  CHECK(p.is_quiet());
}

TEST_CASE("a peer that watches more than it may, or twice under one number, is told off") {
  world w;
  remote_pair p{w};
  auto worker = p.spawn(*p.b);
  remote::address to{worker.node().incarnation, worker.id(), {}};
  CHECK(p.at_b->take(remote::encode(remote::watch{1, 1, to})).ok());
  auto twice = p.at_b->take(remote::encode(remote::watch{1, 1, to}));
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().code == errc::corrupt);
}
