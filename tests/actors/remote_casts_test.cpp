// What is cast and who is told to exit on another node: order, loss, and whom it reaches.

#include "actors/remote_pair.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::for_each_seed;
using testing::world;

namespace {

void send(talker& from, const pid& to, std::int64_t first, std::int64_t last) {
  for (auto n = first; n <= last; ++n)
    from.cast(to, note{n});
}

/// What of it has arrived begins with 1 and has no gap.
bool is_prefix(const std::vector<long>& seen) {
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i] != static_cast<long>(i) + 1)
      return false;
  return true;
}

pid of_run(const pid& p, std::uint64_t incarnation) {
  return {std::make_shared<const node_identity>(node_identity{p.node().name, incarnation}), p.id()};
}

}  // namespace

TEST_CASE("DS4 casts to nobody are silent, and 16,384 to a registered process all arrive, in order") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b, "sink");
  p.at(*p.b, to, [](talker& self) { self.limit_mailbox(1 << 20); });
  pid name{p.b->get().identity(), "sink"}, any_run{std::make_shared<node_identity>(node_identity{"b@sim", 0}), "sink"};
  p.at(*p.a, from, [&](talker& self) {
    self.cast(pid{p.b->get().identity(), "nobody"}, note{-1});
    self.cast(pid{p.b->get().identity(), std::uint64_t{99}}, note{-1});
    self.cast(pid{p.b->get().identity(), std::string(300, 'x')}, note{-1});
    self.cast(pid{p.b->get().identity(), std::string{}}, note{-1});
    send(self, name, 1, 8192);
    send(self, any_run, 8193, 16'384);
  });
  w.advance(1s);
  p.at(*p.b, to, [](talker& self) {
    CHECK(self.seen.size() == 16'384);
    CHECK(is_prefix(self.seen));
  });
}

TEST_CASE("DS9 talking to an unknown node returns at once: nothing is sent, a watch and a call tell noconnection") {
  world w;
  remote_pair p{w, false};
  auto from = p.spawn(*p.a);
  pid nowhere{std::make_shared<node_identity>(node_identity{"else@sim", 4}), std::uint64_t{5}};
  std::vector<reason> told;
  outcome_log outcomes;
  p.at(*p.a, from, [&](talker& self) {
    self.cast(nowhere, note{1});
    self.exit(nowhere, reason::kill());
    self.watch(nowhere, [&](const reason& why) { told.push_back(why); });
    outcomes.call(self, nowhere, question{1});
  });
  CHECK(told == std::vector{reason::noconnection()});
  CHECK(outcomes.all == std::vector<std::string>{"noconnection"});
  CHECK(p.at_a->sent == 0);
  CHECK(p.is_quiet());
}

TEST_CASE("what one process sends to another arrives in order, or an end of it is lost with the link (D59, D60)") {
  for_each_seed(100, [](world& w) {
    remote_pair p{w};
    auto from = p.spawn(*p.a);
    auto to = p.spawn(*p.b);
    p.at(*p.a, from, [&](talker& self) { send(self, to, 1, 20); });
    w.pass(duration{static_cast<duration::rep>(w.seed() % 20) * 100'000});
    p.cut();
    p.at(*p.a, from, [&](talker& self) { send(self, to, 100, 110); });
    p.link();
    p.at(*p.a, from, [&](talker& self) { send(self, to, 200, 203); });
    w.advance(1s);
    p.at(*p.b, to, [](talker& self) {
      auto& seen = self.seen;
      REQUIRE(seen.size() >= 4);
      CHECK(std::vector<long>(seen.end() - 4, seen.end()) == std::vector<long>{200, 201, 202, 203});
      seen.resize(seen.size() - 4);
      CHECK(is_prefix(seen));
    });
  });
}

TEST_CASE("order covers all signals of a pair: an exit comes behind what was cast before it (D61)") {
  for_each_seed(100, [](world& w) {
    remote_pair p{w};
    auto from = p.spawn(*p.a);
    auto to = p.spawn(*p.b);
    std::vector<long> seen;
    std::vector<exit_signal> exits;
    p.at(*p.b, to, [&](talker& self) {
      self.trap_exits([&exits](const exit_signal& e) { exits.push_back(e); });
      self.at_end = [&](subject& me, const reason&) { seen = me.seen; };
    });
    p.at(*p.a, from, [&](talker& self) {
      send(self, to, 1, 5);
      self.exit(to, reason::custom("enough"));
      send(self, to, 6, 7);
    });
    w.advance(1s);
    REQUIRE(exits.size() == 1);
    CHECK(exits[0].from == from);
    CHECK(exits[0].why == reason::custom("enough"));
    CHECK_FALSE(exits[0].is_link);
    p.at(*p.a, from, [&](talker& self) {
      send(self, to, 8, 8);
      self.exit(to, reason::kill());
    });
    w.advance(1s);
    CHECK(how_ended(*p.b, to) == reason::killed());
  });
}

TEST_CASE("an exit ends a process of another node as it ends one here") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  SUBCASE("with its reason") {
    p.at(*p.a, from, [&](talker& self) { self.exit(to, reason::shutdown("moved")); });
    w.advance(1s);
    CHECK(how_ended(*p.b, to) == reason::shutdown("moved"));
  }
  SUBCASE("normal does nothing") {
    p.at(*p.a, from, [&](talker& self) { self.exit(to, reason::normal()); });
    w.advance(1s);
    CHECK(p.b->is_alive(to));
  }
  SUBCASE("a long reason is cut") {
    p.at(*p.a, from, [&](talker& self) { self.exit(to, reason::custom(std::string(10'000, 'y'))); });
    w.advance(1s);
    CHECK(how_ended(*p.b, to) == reason::custom(std::string(remote::reason_text_octets_max, 'y')));
  }
  SUBCASE("from outside any process") {
    p.a->exit(to, reason::custom("operator"));
    w.advance(1s);
    CHECK(how_ended(*p.b, to) == reason::custom("operator"));
  }
  SUBCASE("a message from outside any process") {
    p.a->cast(to, note{1});
    w.advance(1s);
    p.at(*p.b, to, [](talker& self) { CHECK(self.seen.size() == 1); });
    CHECK_THROWS_AS(p.a->cast(to, secret{1}), std::logic_error);
  }
}

TEST_CASE("an address of an earlier run is dead: nothing reaches the process with that number now (D7, D8, I9)") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto old = p.spawn(*p.b);
  p.restart_b();
  auto now = p.spawn(*p.b, "sink");
  REQUIRE(old.id() == now.id());
  std::vector<reason> told;
  outcome_log outcomes;
  p.at(*p.a, from, [&](talker& self) {
    self.cast(old, note{1});
    self.cast(pid{old.node_ptr(), "sink"}, note{2});
    self.exit(old, reason::kill());
    self.watch(old, [&](const reason& why) { told.push_back(why); });
    outcomes.call(self, old, question{1});
  });
  w.advance(1s);
  CHECK(told == std::vector{reason::noproc()});
  CHECK(outcomes.all == std::vector<std::string>{"noproc"});
  CHECK(p.b->is_alive(now));
  // And should a link carry such a signal all the same.
  remote::address dead{old.node().incarnation, old.id(), {}}, dead_name{old.node().incarnation, 0, "sink"};
  auto octets = encode(note{3});
  for (const auto& to : {dead, dead_name}) {
    CHECK(p.at_b->take(remote::encode(remote::cast{to, {"test.note", octets}})).ok());
    CHECK(p.at_b->take(remote::encode(remote::exit{from.id(), to, reason::kill()})).ok());
  }
  w.advance(1s);
  CHECK(p.b->is_alive(now));
  p.at(*p.b, now, [](talker& self) { CHECK(self.seen.empty()); });
  CHECK(p.is_quiet());
}

TEST_CASE("an address of a run that is still to come, and one of an earlier run of this very node") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  std::vector<reason> told;
  p.at(*p.a, from, [&](talker& self) {
    auto note_it = [&](const reason& why) { told.push_back(why); };
    self.watch(of_run(to, to.node().incarnation + 1), note_it);
    self.watch(of_run(from, from.node().incarnation + 1), note_it);
  });
  CHECK(told == std::vector{reason::noconnection(), reason::noproc()});
}

TEST_CASE("what another node does not know is dropped and counted there, and the stream goes on (D68)") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  std::vector<std::string> dropped;
  auto h = p.b->events().attach<remote_message_dropped>([&](const remote_message_dropped& e) {
    dropped.push_back(std::string{e.message} + " " + std::to_string(e.total));
  });
  p.a->env().remote().cast(from.id(), to, "test.of_a_later_release", "octets");
  p.a->env().remote().cast(from.id(), to, "test.note", "not what a note looks like");
  CHECK(p.at_b->take("\x63 a signal of a later release").ok());
  p.at(*p.a, from, [&](talker& self) { self.cast(to, note{1}); });
  w.advance(1s);
  CHECK(dropped.size() == 3);
  CHECK(dropped[0] == "(signal 99) 1");
  p.at(*p.b, to, [](talker& self) { CHECK(self.seen == std::vector<long>{1}); });
}

TEST_CASE("a message that is disabled towards a peer is dropped on both sides; others pass") {
  world w;
  remote_pair p{w, false};
  p.at_a->up({"test.note"});
  p.at_b->up();
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  outcome_log outcomes;
  p.at(*p.a, from, [&](talker& self) {
    self.cast(to, note{1});
    outcomes.call(self, to, note{2});
    outcomes.call(self, to, question{1});
  });
  CHECK(p.at_a->sent == 1);
  p.at(*p.b, to, [&](talker& self) { self.cast(from, note{3}); });
  w.advance(1s);
  p.at(*p.a, from, [](talker& self) { CHECK(self.seen.empty()); });
  REQUIRE(outcomes.all.size() == 2);
  CHECK(outcomes.all[0].find("notsup: test.note cannot be sent to b@sim") != std::string::npos);
  CHECK(outcomes.all[1] == "ok 2");
}

TEST_CASE("a shared message crosses when the contract has it, and is a mistake of the sender otherwise") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  const auto shared = share(note{1}), unknown = share(secret{1});
  p.at(*p.a, from, [&](talker& self) { self.cast(to, shared); });
  w.advance(1s);
  p.at(*p.b, to, [](talker& self) { CHECK(self.seen == std::vector<long>{1}); });
  p.at(*p.a, from, [&](talker& self) {
    CHECK_THROWS_AS(self.cast(to, unknown), std::logic_error);
    CHECK_THROWS_AS(self.cast(to, secret{1}), std::logic_error);
  });
}

TEST_CASE("DS5 exits and watches issued while the queue is full take effect once it drains, in order") {
  for_each_seed(50, [](world& w) {
    remote_pair p{w};
    auto from = p.spawn(*p.a);
    auto to = p.spawn(*p.b);
    std::vector<long> seen;
    std::vector<reason> told;
    outcome_log outcomes;
    p.at(*p.b, to, [&](talker& self) { self.at_end = [&](subject& me, const reason&) { seen = me.seen; }; });
    p.at_a->room = 3;
    p.at(*p.a, from, [&](talker& self) {
      send(self, to, 1, 3);
      self.watch(to, [&](const reason& why) { told.push_back(why); });
      self.cast(to, note{100});              // Lost: the queue is full, and nothing overtakes the watch.
      outcomes.call(self, to, question{1});  // As well.
      self.exit(to, reason::custom("drained"));
    });
    CHECK(p.a->env().remote().count().backlog == 2);
    CHECK(outcomes.all == std::vector<std::string>{"busy"});
    w.advance(1s);
    CHECK(seen == std::vector<long>{1, 2, 3});
    CHECK(told == std::vector{reason::custom("drained")});
    CHECK(p.is_quiet());
  });
}

TEST_CASE("what waits for a full queue goes with the link") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  std::vector<reason> told;
  p.at_a->room = 0;
  p.at(*p.a, from, [&](talker& self) {
    self.watch(to, [&](const reason& why) { told.push_back(why); });
    self.exit(to, reason::kill());
  });
  p.cut();
  p.at_a->room = 100;
  p.link();
  w.advance(1s);
  CHECK(told == std::vector{reason::noconnection()});
  CHECK(p.b->is_alive(to));
  CHECK(p.is_quiet());
}

TEST_CASE("an exit beyond what may wait for a full queue is lost, counted; a watch tells noconnection") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  std::uint64_t dropped = 0;
  auto h = p.a->events().attach<remote_message_dropped>([&](const remote_message_dropped& e) { dropped = e.total; });
  std::vector<reason> told;
  p.at_a->room = 0;
  p.at(*p.a, from, [&](talker& self) {
    for (std::size_t i = 0; i < remote_processes::backlog_signals_max + 5; ++i)
      self.exit(to, reason::normal());
    self.watch(to, [&](const reason& why) { told.push_back(why); });
  });
  CHECK(p.a->env().remote().count().backlog == remote_processes::backlog_signals_max);
  CHECK(dropped == 5);
  CHECK(told == std::vector{reason::noconnection()});
}

TEST_CASE("DS11 64 senders reach one receiver with everything, each in its order") {
  world w;
  remote_pair p{w};
  auto to = p.spawn(*p.b);
  std::vector<pid> senders;
  for (int i = 0; i < 64; ++i)
    senders.push_back(p.spawn(*p.a));
  for (std::int64_t round = 0; round < 10; ++round)
    for (std::size_t i = 0; i < senders.size(); ++i)
      p.a->cast(senders[i], perform{[&to, i, round](process& self) {
                  for (std::int64_t n = 0; n < 10; ++n)
                    static_cast<subject&>(self).cast(to, note{static_cast<std::int64_t>(i) * 1000 + round * 10 + n});
                }});
  w.advance(1s);
  p.at(*p.b, to, [](talker& self) {
    CHECK(self.seen.size() == 6400);
    std::map<long, long> next;
    for (auto n : self.seen)
      CHECK(n % 1000 == next[n / 1000]++);
  });
}

TEST_CASE("DS11 a receiver that ends the link at each message leaves nobody hanging") {
  for_each_seed(20, [](world& w) {
    remote_pair p{w};
    auto to = p.spawn(*p.b);
    std::vector<pid> senders;
    int downs = 0;
    for (int i = 0; i < 8; ++i)
      senders.push_back(p.spawn(*p.a));
    for (const auto& s : senders)
      p.at(*p.a, s, [&](talker& self) {
        send(self, to, 1, 20);
        self.watch(to, [&](const reason&) { ++downs; });
      });
    for (int i = 0; i < 20; ++i) {
      w.pass(200us);
      p.cut();
      p.link();
      p.a->cast(senders[0], perform{[&to](process& self) { static_cast<subject&>(self).cast(to, note{1}); }});
    }
    w.advance(1s);
    CHECK(downs == 8);
    CHECK(p.is_quiet());
  });
}
