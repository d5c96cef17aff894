#include "net/interim_link_table.hpp"

#include "net/interim_events.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::net;
using testing::simulated_node;
using testing::world;

namespace {

/// Stands in for the gate of a peer: writes down what it is sent.
class fake_gate final : public process {
public:
  fake_gate(process_context& c, std::vector<link_envelope>& sent) : process{c}, sent_{sent} {}
  behavior init() override {
    return handlers([this](const link_envelope& e) { sent_.push_back(e); });
  }

private:
  std::vector<link_envelope>& sent_;
};

/// Writes down status events and messages in the order they come.
class witness final : public process {
public:
  witness(process_context& c, std::vector<std::string>& seen) : process{c}, seen_{seen} {}
  behavior init() override {
    return handlers(
        [this](const node_up& m) { seen_.push_back("up " + std::to_string(m.peer.identity.incarnation)); },
        [this](const node_down& m) { seen_.push_back("down " + std::to_string(m.peer.identity.incarnation)); },
        [this](const peer_message& m) { seen_.push_back(m.payload); });
  }

private:
  std::vector<std::string>& seen_;
};

/// The table of node a, with one process that watches it and gates that the test plays.
struct fixture {
  explicit fixture(world& world) : w{world} {
    watcher = a.spawn<witness>(seen);
    table.register_service("test", watcher);
    CHECK(table.subscribe_with_snapshot(watcher).empty());
  }
  ~fixture() { table.close("the test ends"); }

  caf::strong_actor_ptr gate(std::vector<link_envelope>& sent) {
    return a.processes().find(a.spawn<fake_gate>(sent).id());
  }
  void open() {
    own = gate(to_self);
    table.open(own, "127.0.0.1:4400");
    own = nullptr;
  }
  template <class Verb>
  void say(const caf::strong_actor_ptr& from, const Verb& v) {
    table.receive(from, {link_verb, std::string{Verb::message_name}, encode(v)});
    w.run();
  }
  link_hello hello(std::string node, std::uint64_t incarnation) {
    link_hello h;
    h.node = std::move(node);
    h.incarnation = incarnation;
    h.role = "peer";
    return h;
  }
  static std::vector<std::string> verbs(const std::vector<link_envelope>& sent) {
    std::vector<std::string> all;
    for (const auto& e : sent)
      all.push_back(e.service);
    return all;
  }

  world& w;
  simulated_node& a = w.start_node("a@127.0.0.1");
  std::vector<std::string> seen;
  std::vector<link_envelope> to_self, to_b, to_other;
  caf::strong_actor_ptr own;
  link_table table{a.get(), "host"};
  pid watcher;
};

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a hello is answered with a hello, and only then is there a link") {
  world w;
  fixture f{w};
  f.open();
  auto b = f.gate(f.to_b);
  f.table.receive(b, {1, "test", "too early"});
  CHECK(f.table.list().empty());
  f.say(b, f.hello("b@127.0.0.1", 2));
  f.table.receive(b, {1, "test", "in time"});
  w.run();
  CHECK(f.verbs(f.to_b) == lines{"hello"});
  CHECK(f.seen == lines{"up 2", "in time"});
  CHECK(f.table.is_linked(b->address()));
  SUBCASE("a repeated one is answered again and changes nothing; an answer is not answered") {
    f.say(b, f.hello("b@127.0.0.1", 2));
    auto answer = f.hello("b@127.0.0.1", 2);
    answer.wants_answer = false;
    f.say(b, answer);
    CHECK(f.verbs(f.to_b) == lines{"hello", "hello"});
    CHECK(f.seen == lines{"up 2", "in time"});
  }
  SUBCASE("it cannot take a second name or incarnation") {
    f.say(b, f.hello("c@127.0.0.1", 2));
    f.say(b, f.hello("b@127.0.0.1", 3));
    CHECK(f.verbs(f.to_b) == lines{"hello", "refused", "refused"});
    CHECK(f.seen == lines{"up 2", "in time"});
  }
  SUBCASE("a goodbye ends it, and what comes after is not seen") {
    f.say(b, link_goodbye{"done"});
    f.table.receive(b, {1, "test", "too late"});
    w.run();
    CHECK(f.seen == lines{"up 2", "in time", "down 2"});
  }
  SUBCASE("so does its loss") {
    f.table.lose(b->address(), "noconnection");
    w.run();
    CHECK(f.seen == lines{"up 2", "in time", "down 2"});
    CHECK(f.table.send("b@127.0.0.1", lane::rpc, "test", "x").error().code == errc::unavailable);
  }
  SUBCASE("acknowledging what was never sent ends it") {
    f.say(b, link_ack{1});
    CHECK(f.seen == lines{"up 2", "in time", "down 2"});
    CHECK(f.verbs(f.to_b) == lines{"hello", "goodbye"});
  }
  SUBCASE("a newer run replaces it, the older one is told; an older or equal run is refused") {
    auto newer = f.gate(f.to_other);
    f.say(newer, f.hello("b@127.0.0.1", 3));
    CHECK(f.verbs(f.to_b) == lines{"hello", "goodbye"});
    CHECK(f.seen == lines{"up 2", "in time", "down 2", "up 3"});
    f.say(b, f.hello("b@127.0.0.1", 2));
    f.say(b, f.hello("b@127.0.0.1", 3));
    CHECK(f.verbs(f.to_b) == lines{"hello", "goodbye", "refused", "refused"});
    CHECK(f.seen.size() == 4);
  }
}

TEST_CASE("hellos that came before the node was ready are answered once it is") {
  world w;
  fixture f{w};
  auto b = f.gate(f.to_b);
  f.say(b, f.hello("b@127.0.0.1", 2));
  CHECK(f.to_b.empty());
  CHECK(f.seen.empty());
  SUBCASE("answered") {
    f.open();
    w.run();
    CHECK(f.verbs(f.to_b) == lines{"hello"});
    CHECK(f.seen == lines{"up 2"});
  }
  SUBCASE("forgotten with the gate that said them") {
    f.table.lose(b->address(), "noconnection");
    f.open();
    w.run();
    CHECK(f.seen.empty());
  }
}

TEST_CASE("whoever cannot be a peer is refused, told why, and logged once") {
  world w;
  fixture f{w};
  f.open();
  auto b = f.gate(f.to_b);
  auto h = f.hello("b@127.0.0.1", 2);
  std::string why;
  SUBCASE("another protocol") {
    h.protocol = link_protocol + 1;
    why = "link protocol 2";
  }
  SUBCASE("our own name") {
    h.node = "a@127.0.0.1";
    why = "own name";
  }
  SUBCASE("no name at all") {
    h.node = "nobody";
    why = "nobody";
  }
  SUBCASE("one more than may be") {
    std::vector<caf::strong_actor_ptr> many;
    for (std::size_t i = 0; i < link_peers_max; ++i) {
      many.push_back(f.gate(f.to_other));
      f.say(many.back(), f.hello("peer_" + std::to_string(i) + "@127.0.0.1", 1));
    }
    CHECK(f.table.list().size() == link_peers_max);
    why = "the limit";
  }
  auto seen_before = f.seen.size();
  for (int i = 0; i < 3; ++i)
    f.say(b, h);
  CHECK(f.verbs(f.to_b) == lines{"refused", "refused", "refused"});
  auto refused = decode<link_refused>(f.to_b.at(0).payload);
  REQUIRE(refused.ok());
  CHECK_MESSAGE(refused->why.find(why) != std::string::npos, refused->why);
  CHECK(f.seen.size() == seen_before);
  auto log = f.a.env().log().recent();
  CHECK(std::count_if(log.begin(), log.end(), [](const auto& l) { return l.find("link refused") != l.npos; }) == 1);
}

TEST_CASE("the window bounds what waits for an acknowledgement, and acknowledgements open it again") {
  world w;
  fixture f{w};
  f.open();
  auto b = f.gate(f.to_b);
  f.say(b, f.hello("b@127.0.0.1", 2));
  std::size_t taken = 0;
  result<void> sent;
  while ((sent = f.table.send("b@127.0.0.1", lane::broadcast, "test", bytes(100'000, 'x'))).ok())
    ++taken;
  CHECK(sent.error().code == errc::busy);
  CHECK(taken == link_unacknowledged_bytes_max / 100'132);
  f.say(b, link_ack{100'132});
  CHECK(f.table.send("b@127.0.0.1", lane::broadcast, "test", bytes(100'000, 'x')).ok());
  CHECK_FALSE(f.table.send("b@127.0.0.1", lane::broadcast, "test", bytes(100'000, 'x')).ok());
  CHECK(f.table.send("b@127.0.0.1", lane::rpc, std::string(65, 's'), "x").error().code == errc::too_large);
}

TEST_CASE("whatever a gate sends, the link says yes or no and goes on") {
  testing::for_each_seed(20, [](world& w) {
    fixture f{w};
    f.open();
    auto b = f.gate(f.to_b);
    seeded_random chance{w.seed()};
    for (int i = 0; i < 300; ++i) {
      const char* verbs[] = {"hello", "ack", "goodbye", "refused", "what", ""};
      bytes payload = chance.below(2) == 0 ? encode(f.hello("b@127.0.0.1", 2)) : encode(link_ack{chance.next()});
      for (auto n = chance.below(4); n > 0; --n)
        payload[chance.below(payload.size())] = static_cast<char>(chance.below(256));
      payload.resize(chance.below(payload.size() + 1));
      auto where = static_cast<std::uint8_t>(chance.below(2) == 0 ? link_verb : chance.below(256));
      f.table.receive(b, {where, verbs[chance.below(6)], payload});
    }
    w.run();
    f.say(b, link_goodbye{"enough"});
    f.seen.clear();
    f.say(b, f.hello("b@127.0.0.1", 1'000'000));
    CHECK(f.table.is_linked(b->address()));
  });
}
