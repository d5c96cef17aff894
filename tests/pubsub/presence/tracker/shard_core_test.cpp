#include "pubsub/presence/tracker/shard_core.hpp"

#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/presence/tracker/shard_alone.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

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

// Over the links: seed 20261122700256 of tests/sim/presence.
TEST_CASE("I25 a shard that is restarted while it meets a peer's new run goes on from the earlier one it shows") {
  shard_alone a;
  a.meet(b, 2, {{1, "stays"}, {2, "leaves"}});
  CHECK(a.told() == "+leaves +stays ");
  const replica_id next{b.name, b.version + 1};
  a.announce(next);
  a.beat(next, {{next, 2}});
  a.restart();
  CHECK(a.told().empty());
  CHECK(a.listed() == "leaves stays ");
  auto now_there = whole(next, 2, {{1, "stays"}, {2, "joins"}});
  // What the run before asked for may come as it was then: how much there is the next beat tells (D159).
  a.announce(next);
  a.transfer(next, 1, whole(next, 1, {{1, "stays"}}));
  CHECK(a.told().empty());
  SUBCASE("its beat and its transfer come") {
    a.beat(next, {{next, 2}});
    a.transfer(next, a.asked(next).back().ref, now_there);
    CHECK(a.told() == "-leaves +joins ");
    CHECK(a.board() == "joins stays ");
    CHECK(a.core->count("room") == 2);
  }
  SUBCASE("the earlier one is heard once more") {
    a.beat(b, {{b, 2}});
    a.advance(2 * a.options.broadcast_period);
    CHECK(a.told() == "-leaves ");
    CHECK(a.board() == "stays ");
  }
  SUBCASE("it says goodbye") {
    a.receive(b.name, wire_permdown{next});
    CHECK(a.told() == "-leaves -stays ");
    CHECK(a.board().empty());
  }
  SUBCASE("this shard is restarted once more") {
    a.restart();
    a.announce(next);
    a.beat(next, {{next, 2}});
    a.transfer(next, a.asked(next).back().ref, now_there);
    CHECK(a.told() == "-leaves +joins ");
  }
  CHECK(a.listed() == a.board());
  CHECK(a.core->status().replicas.size() == (a.listed().empty() ? 0 : 1));
}

TEST_CASE("what a shard still showed of a run that had said goodbye leaves as its next run starts") {
  shard_alone a;
  a.meet(b, 1, {{1, "ghost"}});
  CHECK(a.told() == "+ghost ");
  // As a run leaves it that was given up between its two writes.
  a.memory->runs.write(a.runs, {{b, true}});
  a.restart();
  CHECK(a.told() == "-ghost ");
  CHECK(a.board().empty());
  a.announce(b);
  a.beat(b, {{b, 1}});
  CHECK(a.asked(b).size() == 1);
  CHECK(a.core->status().replicas.empty());
}
