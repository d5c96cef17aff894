#include "pubsub/presence/crdt/delta_wire.hpp"
#include "pubsub/presence/events.hpp"
#include "pubsub/presence/tracker/tracker_cluster.hpp"
#include "pubsub/presence/tracker/wire.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

tracker_options with_grace(duration grace) {
  auto o = quick();
  o.nodedown_grace = grace;
  return o;
}

/// Transfers that a node asked for.
struct requests {
  explicit requests(simulated_node& n)
      : handle{n.events().attach<entries_transferred>([this](const entries_transferred& e) {
          asked += e.direction == "asked" ? 1 : 0;
          octets += e.octets;
        })} {}
  std::size_t asked = 0;
  std::size_t octets = 0;
  telemetry::handle handle;
};

}  // namespace

TEST_CASE("I30 an outage shorter than the grace is no diff on either side") {
  testing::for_each_seed(8, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim"}, with_grace(5s)};
    c.connected();
    auto p = c.spawn(c.a());
    auto q = c.spawn(c.b());
    (void)c.track(c.a(), "room", "a", p);
    (void)c.track(c.b(), "room", "b", q);
    c.settle();
    (void)c.told["a@sim"].take();
    (void)c.told["b@sim"].take();
    c.net.cut(c.a(), c.b());
    w.advance(4500ms);
    c.net.connect(c.a(), c.b());
    w.advance(60s);
    CHECK(c.told["a@sim"].take().empty());
    CHECK(c.told["b@sim"].take().empty());
  });
}

TEST_CASE("a node that is lost is hidden after the grace and not before, or after down_period without one") {
  auto o = quick();
  duration least{}, most{};
  SUBCASE("a grace of 5 s") { o.nodedown_grace = 5s, least = 5s, most = 5s + 10ms; }
  SUBCASE("a grace of nothing") { o.nodedown_grace = 0s, least = 0s, most = 10ms; }
  // Of the last beat, which may be 16.5 s old.
  SUBCASE("none") { o.nodedown_grace = std::nullopt, least = 13s, most = 31500ms; }
  world w;
  tracker_cluster c{w, {"a@sim", "b@sim"}, o};
  c.connected();
  auto p = c.spawn(c.b());
  (void)c.track(c.b(), "room", "b", p);
  w.advance(20s);
  w.crash_node(c.b());
  REQUIRE(w.run_until([&] { return c.a().env().peers().list().empty(); }, 5s));
  auto begin = w.now();
  REQUIRE(w.run_until([&] { return c.told["a@sim"].listed("room").empty(); }, 60s));
  CHECK(w.now() - begin >= least);
  CHECK(w.now() - begin <= most);
}

TEST_CASE("a heal is one diff: what left meanwhile does not join first, and it comes within two round trips") {
  testing::for_each_seed(10, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim"}, with_grace(1s)};
    c.connected();
    auto leaves = c.spawn(c.b());
    auto stays = c.spawn(c.b());
    auto comes = c.spawn(c.b());
    (void)c.track(c.b(), "room", "leaves", leaves);
    (void)c.track(c.b(), "room", "stays", stays);
    c.settle();
    c.net.cut(c.a(), c.b());
    w.advance(5s);
    CHECK(c.list(c.a(), "room").empty());
    (void)c.told["a@sim"].take();
    c.b().kill(leaves);
    (void)c.track(c.b(), "room", "comes", comes);
    w.advance(20s);
    auto diffs = c.told["a@sim"].diffs;
    c.net.connect(c.a(), c.b());
    REQUIRE(w.run_until([&] { return !c.told["a@sim"].lines.empty(); }, 100ms));
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/comes", "+room b@sim/stays"});
    w.advance(60s);
    CHECK(c.told["a@sim"].diffs == diffs + 1);
    CHECK(c.status(c.a()).counters.shown_early == 0);
    CHECK(c.list(c.a(), "room") == texts{"b@sim/comes", "b@sim/stays"});
  });
}

TEST_CASE("a split longer than permdown: each live entry joins once after it") {
  testing::for_each_seed(5, [](world& w) {
    tracker_cluster c{w};
    c.connected();
    auto p = c.spawn(c.a());
    auto q = c.spawn(c.b());
    auto gone = c.spawn(c.b());
    (void)c.track(c.a(), "room", "a", p);
    (void)c.track(c.b(), "room", "b", q);
    (void)c.track(c.b(), "room", "gone", gone);
    c.settle();
    c.net.cut(c.a(), c.b());
    w.advance(80s);
    c.b().kill(gone);
    w.advance(2s);
    CHECK_FALSE(c.replica(c.a(), "b@sim"));
    CHECK(c.status(c.a()).clocks.size() == 1);
    (void)c.told["a@sim"].take();
    (void)c.told["b@sim"].take();
    c.connected();
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/b"});
    CHECK(c.told["b@sim"].take() == texts{"+room a@sim/a"});
  });
}

TEST_CASE("SY13 a node that is frozen for 40 s leaves once and joins once, and takes nobody else for gone") {
  auto o = quick();
  SUBCASE("without a grace") { o.nodedown_grace = std::nullopt; }
  SUBCASE("with one") { o.nodedown_grace = 5s; }
  testing::for_each_seed(4, [&](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim"}, o};
    c.connected();
    auto p = c.spawn(c.a());
    auto q = c.spawn(c.b());
    (void)c.track(c.a(), "room", "a", p);
    (void)c.track(c.b(), "room", "b", q);
    w.advance(20s);
    (void)c.told["a@sim"].take();
    (void)c.told["b@sim"].take();
    w.pause_node(c.b(), 40s);
    w.advance(41s);
    c.settle();
    w.advance(60s);
    CHECK(c.told["a@sim"].take() == texts{"-room b@sim/b", "+room b@sim/b"});
    CHECK(c.told["b@sim"].take().empty());
  });
}

TEST_CASE("SY14 a wall clock that jumps changes nothing") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.a());
  auto q = c.spawn(c.b());
  (void)c.track(c.a(), "room", "a", p);
  (void)c.track(c.b(), "room", "b", q);
  c.settle();
  (void)c.told["a@sim"].take();
  (void)c.told["b@sim"].take();
  for (auto jump : {duration{1h}, duration{-2h}, duration{1h}}) {
    w.machine_of("b@sim").step_clock(jump);
    w.advance(40s);
  }
  CHECK(c.told["a@sim"].take().empty());
  CHECK(c.told["b@sim"].take().empty());
}

TEST_CASE("large sets that meet late are the same afterwards, and stay so") {
  world w;
  tracker_cluster c{w};
  constexpr int half = 2500;
  for (auto* n : {&c.a(), &c.b()})
    for (int i = 0; i < half; ++i) {
      auto p = n->spawn<member>();
      n->cast(c.shard(*n, "room"), track{"room", n->name() + std::to_string(i), {{"pad", std::string(100, 'x')}}, p});
    }
  w.run();
  w.advance(5s);
  CHECK(c.count(c.a(), "room") == half);
  requests asked{c.a()};
  c.net.connect(c.a(), c.b());
  auto begin = w.now();
  REQUIRE(w.run_until(
      [&] {
        return dirty_count(c.a().env(), "presence", "room") == 2 * half
            && dirty_count(c.b().env(), "presence", "room") == 2 * half;
      },
      c.options.broadcast_period * 2));
  CHECK(w.now() - begin < 200ms);
  CHECK(c.list(c.a(), "room") == c.list(c.b(), "room"));
  CHECK(asked.octets > 256 * 1024);
  auto before = asked.asked;
  w.advance(120s);
  CHECK(asked.asked == before);
  CHECK(c.told["a@sim"].diffs == half + 1);
}

TEST_CASE("I44 in a stable partial partition nobody asks for transfers, and each lists whom it is linked with") {
  testing::for_each_seed(2, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim", "c@sim"}, with_grace(1s)};
    c.connected();
    std::map<std::string, pid> members;
    for (const auto& name : c.names) {
      members[name] = c.spawn(c.at(name));
      (void)c.track(c.at(name), "room", name, members[name]);
    }
    c.settle();
    CHECK(c.list(c.b(), "room").size() == 3);
    c.net.cut(c.b(), c.c());
    w.advance(10s);
    CHECK(c.list(c.a(), "room").size() == 3);
    CHECK(c.list(c.b(), "room") == texts{"a@sim/a@sim", "b@sim/b@sim"});
    (void)c.track(c.c(), "room", "later", members["c@sim"]);
    (void)c.track(c.a(), "room", "later", members["a@sim"]);
    w.advance(10s);
    CHECK(c.list(c.b(), "room") == texts{"a@sim/a@sim", "b@sim/b@sim", "a@sim/later"});
    requests a{c.a()}, b{c.b()}, d{c.c()};
    auto diffs = c.told["a@sim"].diffs + c.told["b@sim"].diffs + c.told["c@sim"].diffs;
    // Also beyond the time after which b and c have forgotten each other.
    w.advance(200s);
    CHECK(a.asked + b.asked + d.asked == 0);
    CHECK(diffs == c.told["a@sim"].diffs + c.told["b@sim"].diffs + c.told["c@sim"].diffs);
    c.net.connect(c.b(), c.c());
    c.settle();
    for (const auto& name : c.names)
      CHECK(c.list(c.at(name), "room").size() == 5);
  });
}

TEST_CASE("a change that comes by way of a third node while its own is down is in the dirty list only") {
  world w;
  tracker_cluster c{w, {"a@sim", "b@sim", "c@sim"}, with_grace(0s)};
  c.connected();
  auto p = c.spawn(c.c());
  (void)c.track(c.c(), "room", "first", p);
  c.settle();
  c.net.cut(c.b(), c.c());
  w.advance(1s);
  (void)c.told["b@sim"].take();
  (void)c.track(c.c(), "room", "second", p);
  c.settle();
  // Something of a itself that b has missed makes it ask a, who passes on what it has of c.
  c.net.cut(c.a(), c.b());
  w.advance(1s);
  auto q = c.spawn(c.a());
  (void)c.track(c.a(), "room", "new", q);
  w.advance(2s);
  c.net.connect(c.a(), c.b());
  c.settle();
  CHECK(c.list(c.b(), "room") == texts{"a@sim/new"});
  CHECK(c.told["b@sim"].take() == texts{"+room a@sim/new"});
  CHECK(c.count(c.b(), "room") == 1);
  CHECK(dirty_count(c.b().env(), "presence", "room") == 1);
  c.net.connect(c.b(), c.c());
  c.settle();
  CHECK(c.told["b@sim"].take() == texts{"+room c@sim/first", "+room c@sim/second"});
}

TEST_CASE("another tracker of the same name is told loudly, and nothing is exchanged with it") {
  world w;
  tracker_cluster c{w, {"a@sim", "b@sim"}};
  w.crash_node(c.b());
  auto other = c.options;
  std::string there;
  SUBCASE("shards") { other.shards = 2, there = "there: 2 shards, mode members, schema 1"; }
  SUBCASE("mode") { other.mode = tracker_mode::count, there = "there: 1 shards, mode count, schema 1"; }
  c.start("b@sim", other);
  std::vector<std::string> told;
  auto heard = c.a().events().attach<tracker_mismatch>(
      [&](const tracker_mismatch& e) { told.push_back(std::string{e.peer} + ": " + std::string{e.what}); });
  c.connected();
  auto p = c.spawn(c.b());
  auto q = c.spawn(c.a());
  (void)c.track(c.b(), "room", "b", p);
  (void)c.track(c.a(), "room", "a", q);
  w.advance(60s);
  CHECK(told == texts{"b@sim: " + there + "; here: 1 shards, mode members, schema 1"});
  CHECK(c.list(c.a(), "room") == texts{"a@sim/a"});
  CHECK(c.status(c.a()).replicas.empty());
  CHECK(c.status(c.b()).replicas.empty());
}

TEST_CASE("octets that are no frame, and frames of another's replica, are dropped, told, and change nothing") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.b());
  (void)c.track(c.b(), "room", "b", p);
  c.settle();
  std::vector<std::string> told;
  auto heard = c.a().events().attach<peer_frame_dropped>(
      [&](const peer_frame_dropped& e) { told.push_back(std::string{e.what}); });
  auto send = [&](bytes octets) {
    c.a().cast(c.shard(c.a(), "room"), peer_message{*c.b().env().self(), "presence:presence:0", std::move(octets)});
    w.run();
  };
  auto b = c.replica(c.a(), "b@sim")->id;
  send("");
  send("\x07nonsense");
  send(encode_frame(wire_permdown{{"c@sim", 1}}));
  wire_beat damaged;
  damaged.replica = b;
  damaged.delta = "nonsense";
  send(encode_frame(damaged));
  CHECK(told.size() == 4);
  // Of an earlier run: nothing of it counts (I29).
  wire_beat stale;
  stale.replica = {"b@sim", b.version - 1};
  send(encode_frame(stale));
  send(encode_frame(wire_permdown{{"b@sim", b.version - 1}}));
  CHECK(c.replica(c.a(), "b@sim")->id == b);
  CHECK(c.list(c.a(), "room") == texts{"b@sim/b"});
}

TEST_CASE("what differs at equal clocks is told, fetched from its owner, and replaced") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.b());
  auto q = c.spawn(c.b());
  (void)c.track(c.b(), "room", "one", p);
  (void)c.track(c.b(), "room", "two", q);
  c.settle();
  // A transfer that says that one of them is no more, which its owner never said.
  auto b = c.replica(c.a(), "b@sim")->id;
  delta lie;
  // It claims to be newer than what was seen.
  lie.start[b] = 2;
  lie.end[b] = 3;
  lie.cloud[b].insert(1);
  lie.cloud[b].insert(3);
  wire_transfer t;
  t.replica = b;
  t.parts = 1;
  t.octets = pack(lie);
  c.a().cast(c.shard(c.a(), "room"), peer_message{*c.b().env().self(), "presence:presence:0", encode_frame(t)});
  w.run();
  CHECK(c.list(c.a(), "room") == texts{"b@sim/two"});
  (void)c.told["a@sim"].take();
  std::size_t told = 0;
  auto heard = c.a().events().attach<replica_diverged>([&](const replica_diverged& e) {
    CHECK(e.replica == "b@sim");
    ++told;
  });
  // The clocks are equal again.
  (void)c.track(c.b(), "room", "three", q);
  w.advance(60s);
  CHECK(told == 1);
  CHECK(c.told["a@sim"].take() == texts{"+room b@sim/one", "+room b@sim/three"});
  CHECK(c.list(c.a(), "room") == texts{"b@sim/one", "b@sim/three", "b@sim/two"});
  CHECK(c.status(c.a()).counters.divergences == 1);
}

TEST_CASE("a shard that stands still with a full mailbox while a link comes up meets that node nevertheless") {
  world w;
  auto o = quick();
  o.on_info = [](const std::any& what, const shard_view&) {
    if (what.has_value())
      testing::block(3s);
  };
  tracker_cluster c{w, {"a@sim", "b@sim"}, o};
  (void)c.track(c.b(), "room", "b", c.spawn(c.b()));
  const auto busy = c.shard(c.a(), "room");
  c.a().cast(busy, tracker_info{1});
  w.pass(10ms);
  for (std::int64_t i = 0; i <= process::mailbox_default; ++i)
    c.a().cast(busy, tracker_info{});
  c.connect_all();
  w.pass(1s);
  CHECK(c.a().env().peers().list().size() == 1);
  CHECK(c.a().processes().info(c.a().processes().whereis("presence:presence:0"), w.now())->shed > 0);
  w.advance(40s);
  CHECK(c.list(c.a(), "room") == texts{"b@sim/b"});
}
