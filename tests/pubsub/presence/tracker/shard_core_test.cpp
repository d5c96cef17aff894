// One shard without a process, and a peer that says what a test wants it to say.

#include "pubsub/presence/tracker/shard_core.hpp"

#include "pubsub/presence/crdt/delta_wire.hpp"
#include "pubsub/presence/tracker/limits.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace beamline;
using namespace beamline::presence;

namespace {

class recording_port final : public shard_port {
public:
  bool send(const std::string& node, bytes frame) override {
    auto f = decode_frame(frame).value();
    if (const auto* r = std::get_if<wire_request>(&f))
      asked[node].push_back(*r);
    return true;
  }
  void changed(const diff& d) override {
    for (const auto& [topic, changed] : d) {
      for (const auto& t : changed.leaves)
        told += "-" + t.key.key + " ";
      for (const auto& t : changed.joins)
        told += "+" + t.key.key + " ";
    }
  }
  void replica_changed(const replica_id&, std::string_view, std::string_view) override {}
  void transferred(const std::string&, std::string_view, std::size_t) override {}
  void mismatch(const std::string&, const std::string&) override {}
  void complain(const std::string& node, const std::string& what) override { complaints += node + ": " + what + "\n"; }
  void diverged(const replica_id&) override {}
  void callback_failed(std::string_view, const std::string&) override {}

  std::map<std::string, std::vector<wire_request>> asked;
  std::string told;
  std::string complaints;
};

entry_ptr held(const replica_id& owner, std::uint64_t counter, std::string key) {
  return std::make_shared<const held_entry>(held_entry{
      std::make_shared<const replica_id>(owner), std::make_shared<const std::string>("room"),
      std::make_shared<const std::string>(R"({"phx_ref":")" + key + "\"}"), std::move(key), counter, counter});
}

/// All that the owner had when it had done `end` changes.
delta whole(const replica_id& owner, std::uint64_t end, const std::map<std::uint64_t, std::string>& there) {
  delta d{.end = {{owner, end}}, .is_whole = true};
  for (const auto& [counter, key] : there)
    d.values[owner].emplace(counter, held(owner, counter, key));
  return d;
}

struct shard_alone {
  explicit shard_alone(tracker_options o = {}) : options{std::move(o)} { restart(); }

  /// The next run, with the memory of the one before.
  void restart() {
    shard_core::options o;
    o.tracker = options;
    o.self = {"a@sim", ++runs};
    o.node = node;
    core = std::make_unique<shard_core>(o, memory, random, port, now);
    std::vector<peer_info> linked;
    for (const auto& name : peers)
      linked.push_back(peer(name));
    core->start(linked, now);
  }
  static peer_info peer(const std::string& name) {
    peer_info p;
    p.identity = {name, 1};
    return p;
  }
  void receive(const std::string& from, const shard_frame& f) { core->receive({from, 1}, f, now); }
  void up(const replica_id& r) {
    peers.insert(r.name);
    core->node_up(peer(r.name), now);
    announce(r);
  }
  void announce(const replica_id& r) {
    wire_announce a;
    a.tracker = options.name;
    a.shards = options.shards;
    a.mode = static_cast<std::uint64_t>(options.mode);
    a.schema = tracker_schema;
    a.replica = r;
    receive(r.name, a);
  }
  void beat(const replica_id& r, const clock_map& clocks, const delta* d = nullptr) {
    wire_beat b;
    b.replica = r;
    b.clocks = to_wire(clocks);
    if (d != nullptr)
      b.delta = pack(*d);
    receive(r.name, b);
  }
  void transfer(const replica_id& r, std::uint64_t ref, const delta& d) {
    wire_transfer t;
    t.replica = r;
    t.ref = ref;
    t.parts = 1;
    t.octets = pack(d);
    receive(r.name, t);
  }
  /// Met, with all that it has.
  void meet(const replica_id& r, std::uint64_t end, const std::map<std::uint64_t, std::string>& there) {
    up(r);
    beat(r, {{r, end}});
    transfer(r, asked(r).back().ref, whole(r, end, there));
  }
  const std::vector<wire_request>& asked(const replica_id& r) { return port.asked[r.name]; }
  void advance(duration d) {
    auto until = now + d;
    while (core->next_due() <= until) {
      now = std::max(now, core->next_due());
      core->tick(now);
    }
    now = until;
  }
  std::string told() { return std::exchange(port.told, {}); }
  std::string listed() {
    std::string all;
    for (const auto& t : core->list("room").entries)
      all += t.key.key + " ";
    return all;
  }
  /// As the dirty list has it: with `!` what is hidden.
  std::string board() {
    std::string all;
    memory->board.read("room").for_each([&](const board_entry& e) { all += e.key + (e.is_hidden ? "! " : " "); });
    return all;
  }

  tracker_options options;
  node_identity_ptr node = std::make_shared<const node_identity>(node_identity{"a@sim", 1});
  seeded_random random{1};
  std::shared_ptr<shard_memory> memory = std::make_shared<shard_memory>();
  std::set<std::string> peers;
  recording_port port;
  time_point now{1h};
  std::uint64_t runs = 0;
  std::unique_ptr<shard_core> core;
};

const replica_id b{"b@sim", 5};
const replica_id c{"c@sim", 5};

}  // namespace

TEST_CASE("D159 a transfer that ends before what is known to exist shows nobody who has left since") {
  shard_alone a;
  a.up(b);
  a.beat(b, {{b, 4}});
  REQUIRE(a.asked(b).size() == 1);
  SUBCASE("one that an earlier run of this shard asked for") {
    a.transfer(b, 1, whole(b, 2, {{1, "ghost"}, {2, "stays"}}));
    CHECK(a.asked(b).size() == 1);  // The one that was asked for is still under way.
    CHECK(a.told().empty());
    a.transfer(b, a.asked(b).back().ref, whole(b, 4, {{2, "stays"}}));
  }
  SUBCASE("one that was overtaken by a beat that was too large to be sent: the rest is asked for at once") {
    a.transfer(b, a.asked(b).back().ref, whole(b, 2, {{1, "ghost"}, {2, "stays"}}));
    REQUIRE(a.asked(b).size() == 2);
    CHECK(a.told().empty());
    CHECK(a.listed().empty());
    CHECK(a.board() == "ghost! stays! ");
    a.transfer(b, a.asked(b).back().ref, whole(b, 4, {{2, "stays"}}));
  }
  CHECK(a.told() == "+stays ");
  CHECK(a.board() == "stays ");
}

TEST_CASE("a peer whose transfers never reach what its clock says is asked at its beats, and shown after two periods") {
  shard_alone a;
  a.up(b);
  a.beat(b, {{b, 9}});
  for (int i = 0; i < 10; ++i)
    a.transfer(b, a.asked(b).back().ref, whole(b, 2, {{1, "one"}}));
  CHECK(a.asked(b).size() == 2);
  CHECK(a.told().empty());
  a.advance(2 * a.options.broadcast_period);
  CHECK(a.told() == "+one ");
  CHECK(a.core->status().counters.shown_early == 1);
}

TEST_CASE("who was held up itself while it met a replica waits for the transfer all the same") {
  shard_alone a;
  a.advance(a.options.broadcast_period);
  a.up(b);
  a.beat(b, {{b, 4}});
  a.now += 1min;
  a.core->tick(a.now);
  CHECK(a.board().empty());
  CHECK(a.core->status().replicas.at(0).is_being_met);
  a.transfer(b, a.asked(b).back().ref, whole(b, 4, {{4, "four"}}));
  CHECK(a.told() == "+four ");
  CHECK(a.core->status().counters.shown_early == 0);
}

TEST_CASE("a meta of a peer that is no object with a phx_ref is dropped with its delta, and told") {
  for (std::string meta : {"", "7", "{", "[1]", R"({"phx_ref":1})", R"({"a":1})"}) {
    shard_alone a;
    a.up(b);
    delta d{.end = {{b, 1}}, .is_whole = true};
    auto e = std::make_shared<held_entry>(*held(b, 1, "odd"));
    e->meta = std::make_shared<const std::string>(meta);
    d.values[b].emplace(1, std::move(e));
    a.beat(b, {{b, 1}}, &d);
    a.transfer(b, a.asked(b).back().ref, d);
    CHECK(a.port.complaints.find("the meta of \"odd\" in \"room\" is " + meta + ", expected a JSON object with a")
          != std::string::npos);
    CHECK(a.board().empty());
    CHECK(a.told().empty());
  }
}

TEST_CASE("a meta that is nested too deep to be read back is refused, and costs nobody the shard") {
  shard_alone a;
  auto nested = [](int levels) {
    json value = 1;
    for (int i = 0; i < levels; ++i)
      value = json{{"in", std::move(value)}};
    return value;
  };
  const pid who{a.node, 7};
  CHECK(a.core->handle(track{"room", "deep", nested(64), who}).ok());
  CHECK(a.core->handle(update{"room", "deep", [](const json& old) { return old; }, who}).ok());
  auto refused = a.core->handle(track{"room", "deeper", nested(65), who});
  CHECK(refused.what == track_answer::kind::invalid);
  CHECK(refused.detail.find("as \"deeper\": its meta cannot be read back: ") != std::string::npos);
  CHECK(refused.detail.find("nested deeper than 64") != std::string::npos);
  refused = a.core->handle(update{"room", "deep", [&](const json&) { return nested(65); }, who});
  CHECK(refused.what == track_answer::kind::invalid);
  CHECK(a.listed() == "deep ");
}

TEST_CASE("an answer to an earlier run of this shard is no part of what this run asked for") {
  shard_alone a;
  a.up(b);
  a.beat(b, {{b, 4}});
  auto before = a.asked(b).back().ref;
  a.restart();
  a.announce(b);
  a.beat(b, {{b, 4}});
  REQUIRE(a.asked(b).size() == 2);
  CHECK(a.asked(b).back().ref != before);
}

TEST_CASE("D131 a zombie of an earlier run does not come back after its successor is gone for good") {
  shard_alone a;
  const replica_id zombie{b.name, b.version - 1};
  a.meet(b, 1, {{1, "alive"}});
  CHECK(a.told() == "+alive ");
  bool may_return = true;
  SUBCASE("gone in silence") { a.advance(a.options.permdown_period + 1min); }
  SUBCASE("gone with a goodbye") {
    a.receive(b.name, wire_permdown{b});
    may_return = false;
  }
  SUBCASE("gone in silence, and this shard was restarted since") {
    a.advance(a.options.permdown_period + 1min);
    a.restart();
    a.announce(b);
  }
  SUBCASE("hidden only, and this shard was restarted since") {
    a.advance(a.options.down_period + 2s);
    a.restart();
    a.announce(b);
  }
  SUBCASE("gone with a goodbye, and this shard was restarted since") {
    a.receive(b.name, wire_permdown{b});
    a.restart();
    a.announce(b);
    may_return = false;
  }
  CHECK(a.told() == "-alive ");
  auto asked = a.asked(b).size();
  auto news = whole(zombie, 1, {{1, "zombie"}});
  a.beat(zombie, {{zombie, 1}}, &news);
  a.transfer(zombie, 1, news);
  a.advance(5s);
  CHECK(a.told().empty());
  CHECK(a.listed().empty());
  CHECK(a.board().empty());
  CHECK(a.core->status().replicas.empty());
  CHECK(a.asked(b).size() == asked);
  // The run that is remembered may have been cut off only (D161).
  a.beat(b, {{b, 1}});
  CHECK(a.asked(b).size() == asked + (may_return ? 1 : 0));
}

TEST_CASE("what is done to the board is as much as what has changed, also while a replica is hidden") {
  shard_alone a;
  constexpr std::uint64_t many = 500;
  std::map<std::uint64_t, std::string> there;
  for (std::uint64_t i = 1; i <= many; ++i)
    there[i] = "b" + std::to_string(i);
  auto writes = [&, before = std::uint64_t{0}]() mutable {
    auto all = a.core->status().counters.board_writes;
    return all - std::exchange(before, all);
  };
  a.meet(b, many, there);
  CHECK(writes() <= 2 * many);
  a.meet(c, 1, {{1, "c1"}});
  CHECK(writes() <= 2);
  // b is cut off, and hidden; c goes on.
  a.core->node_down(shard_alone::peer(b.name), a.now);
  a.advance(*a.options.nodedown_grace);
  CHECK(a.listed() == "c1 ");
  CHECK(writes() == many);
  a.beat(c, {{c, 1}, {b, many}});
  CHECK(writes() == 0);
  delta one{.start = {{c, 1}}, .end = {{c, 2}}};
  one.cloud[c].insert(2);
  one.values[c].emplace(2, held(c, 2, "c2"));
  a.beat(c, {{c, 2}}, &one);
  CHECK(a.told().ends_with("+c2 "));
  CHECK(writes() == 1);
  // c passes on that one of b has left and another came.
  delta of_b{.start = {{b, many}}, .end = {{b, many + 2}}};
  of_b.cloud[b].insert(7);
  of_b.cloud[b].insert(many + 1, many + 2);
  of_b.values[b].emplace(many + 2, held(b, many + 2, "late"));
  a.transfer(c, 1, of_b);
  CHECK(a.told().empty());
  CHECK(writes() == 2);
  CHECK(a.board().find("b7! ") == std::string::npos);
  CHECK(a.board().find("late! ") != std::string::npos);
  CHECK(a.core->count("room") == 2);
  // What c has said of b already is nothing to say again.
  a.transfer(c, 1, of_b);
  CHECK(writes() == 0);
  // b is back.
  a.core->node_up(shard_alone::peer(b.name), a.now);
  a.announce(b);
  a.beat(b, {{b, many + 2}});
  CHECK(writes() == many);
  CHECK(a.core->count("room") == many + 2);
  CHECK(a.board().find('!') == std::string::npos);
  a.receive(b.name, wire_permdown{b});
  CHECK(writes() == many);
  CHECK(a.board() == "c1 c2 ");
  CHECK(a.core->count("room") == 2);
}

TEST_CASE("the board is what the state has, whatever comes: hidden, shown, replaced, forgotten in one step") {
  shard_alone a;
  a.meet(b, 3, {{1, "one"}, {3, "three"}});
  (void)a.told();
  const replica_id next{b.name, b.version + 1};
  a.announce(next);
  a.beat(next, {{next, 2}});
  CHECK(a.board() == "one three ");
  a.transfer(next, a.asked(next).back().ref, whole(next, 2, {{1, "one"}, {2, "two"}}));
  CHECK(a.told() == "-three +two ");
  CHECK(a.board() == "one two ");
  CHECK(a.core->count("room") == 2);
  SUBCASE("the one that is being met ends before it is shown") {
    const replica_id third{b.name, next.version + 1};
    a.announce(third);
    a.beat(third, {{third, 2}});
    a.receive(b.name, wire_permdown{third});
    CHECK(a.told() == "-one -two ");
    CHECK(a.board().empty());
    CHECK(a.memory->board.topics().empty());
  }
}
