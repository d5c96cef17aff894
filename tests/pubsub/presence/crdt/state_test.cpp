// The cases of the reference's state, and what follows from the rules beside them.

#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b");
const replica_id c = replica("c");

}  // namespace

TEST_CASE("ST1 nothing is extracted from a new state") {
  state s{a};
  auto whole = s.extract(b, {{a, 0}, {b, 0}});
  CHECK(whole.values.empty());
  CHECK(whole.is_whole);
  CHECK(s.size() == 0);
  CHECK(s.changes().empty());
  CHECK(s.clocks() == clock_map{{a, 0}});
}

TEST_CASE("ST2 who is added is online, and leaves") {
  state s{a};
  CHECK(text(s.join(key("lobby", "alice"), meta())) == "lobby: +alice{}");
  CHECK(text(s.online("lobby")) == "alice{}");
  CHECK(text(s.leave(key("lobby", "alice"))) == "lobby: -alice{}");
  CHECK(s.online("lobby").empty());
  CHECK(s.topics().empty());
  CHECK_MESSAGE(s.leave(key("lobby", "alice")).empty(), "once more is no change (D140)");
  CHECK(s.clocks() == clock_map{{a, 2}});
}

TEST_CASE("ST3 users of other servers are merged") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta());
  (void)on_b.join(key("lobby", "bob"), meta());

  CHECK(text(transfer(on_a, on_b)) == "lobby: +bob{}");
  CHECK(text(on_a.online("lobby")) == "alice{} bob{}");
  auto before = all_of(on_a);
  CHECK_MESSAGE(transfer(on_a, on_b).empty(), "the second merge is no change");
  CHECK(all_of(on_a) == before);
  CHECK(on_a.of_actor(1) == std::vector<entry_key>{key("lobby", "alice")});

  CHECK(text(transfer(on_b, on_a)) == "lobby: +alice{}");
  CHECK(transfer(on_b, on_a).empty());

  (void)on_a.leave(key("lobby", "alice"));
  CHECK(text(transfer(on_b, on_a)) == "lobby: -alice{}");
  CHECK(text(on_b.online("lobby")) == "bob{}");
  CHECK(transfer(on_b, on_a).empty());

  (void)on_b.join(key("lobby", "carol"), meta());
  (void)on_b.join(key("lobby", "david"), meta());
  CHECK(text(transfer(on_a, on_b)) == "lobby: +carol{} +david{}");
  CHECK(transfer(on_a, on_b).empty());

  CHECK(text(on_b.join(key("lobby", "david"), meta("{2}"))) == "lobby: +david{2} -david{}");
  CHECK(text(transfer(on_a, on_b)) == "lobby: +david{2} -david{}");
  CHECK(transfer(on_a, on_b).empty());
  CHECK(text(on_a.online("lobby")) == "bob{} carol{} david{2}");
  CHECK(text(on_b.online("lobby")) == text(on_a.online("lobby")));
  CHECK(all_of(on_a) == all_of(on_b));
}

TEST_CASE("ST4 in a split the other's users leave, and join again when it heals") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta());
  (void)on_b.join(key("lobby", "bob"), meta());
  (void)transfer(on_a, on_b);
  (void)on_a.join(key("lobby", "carol"), meta());
  (void)on_a.leave(key("lobby", "alice"));

  CHECK(text(on_a.replica_down(b)) == "lobby: -bob{}");
  CHECK_MESSAGE(on_a.replica_down(b).empty(), "once");
  CHECK(text(on_a.online("lobby")) == "carol{}");
  CHECK_MESSAGE(text(on_a.all("lobby")) == "bob{} carol{}", "he is held (D169)");
  CHECK(on_a.clocks() == clock_map{{a, 3}});
  CHECK(on_a.context() == clock_map{{a, 3}, {b, 1}});

  CHECK(transfer(on_a, on_b).empty());
  CHECK(on_a.merge(all_of(on_b)).empty());
  CHECK(text(on_a.online("lobby")) == "carol{}");

  CHECK(text(on_a.replica_up(b)) == "lobby: +bob{}");
  CHECK(on_a.replica_up(b).empty());
  CHECK(text(on_a.online("lobby")) == "bob{} carol{}");
}

TEST_CASE("ST5 that somebody left is learned from a third node") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b, on_c);
  (void)on_a.join(key("lobby", "bob"), meta());
  (void)transfer(on_b, on_a);

  SUBCASE("at once, if his node is up here though nothing is heard of it") {
    CHECK(text(transfer(on_c, on_b)) == "lobby: +bob{}");
    (void)on_a.leave(key("lobby", "bob"));
    (void)transfer(on_b, on_a);
    CHECK(text(transfer(on_c, on_b)) == "lobby: -bob{}");
    CHECK(on_c.online("lobby").empty());
  }
  SUBCASE("silently, if his node is down here: nobody was told of him either (D150)") {
    (void)on_c.replica_down(a);
    CHECK(on_c.merge(all_of(on_b)).empty());
    CHECK(text(on_c.all("lobby")) == "bob{}");
    (void)on_a.leave(key("lobby", "bob"));
    (void)transfer(on_b, on_a);
    CHECK(on_c.merge(all_of(on_b)).empty());
    CHECK(on_c.all("lobby").empty());
    CHECK(on_c.replica_up(a).empty());
  }
}

TEST_CASE("ST6 an own entry is found by its process, with its dot") {
  state s{a};
  CHECK_FALSE(s.find_own(key("lobby", "bob", 7)).has_value());
  (void)s.join(key("lobby", "bob", 7), meta("{1}"));
  (void)s.join(key("attic", "bob", 7), meta());
  (void)s.join(key("lobby", "bob", 8), meta());
  auto bob = s.find_own(key("lobby", "bob", 7));
  REQUIRE(bob.has_value());
  CHECK(bob->at == dot{a, 1});
  CHECK(*bob->meta == "{1}");
  CHECK_FALSE(s.find_own(key("nowhere", "bob", 7)).has_value());
  CHECK_FALSE(s.find_own(key("lobby", "nobody", 7)).has_value());
  CHECK_FALSE(s.find_own(key("lobby", "bob", 9)).has_value());
  CHECK(s.of_actor(7) == std::vector<entry_key>{key("attic", "bob", 7), key("lobby", "bob", 7)});
  CHECK(text(s.leave_actor(7)) == "attic: -bob{}; lobby: -bob{1}");
  CHECK(s.of_actor(7).empty());
  CHECK(s.size() == 1);
}

TEST_CASE("ST7 under one key there are as many entries as processes have it") {
  state s{a};
  CHECK(s.by_key("lobby", "u1").empty());
  (void)s.join(key("lobby", "u1", 1), meta("{1}"));
  (void)s.join(key("lobby", "u1", 2), meta("{2}"));
  (void)s.join(key("lobby", "u2", 1), meta("{3}"));
  auto found = s.by_key("lobby", "u1");
  CHECK(text(found) == "u1{1} u1{2}");
  CHECK(found.at(0).key.actor == 1);
  CHECK(found.at(1).key.actor == 2);
  CHECK(s.by_key("lobby", "u").empty());
  CHECK(s.by_key("lobby", "u3").empty());
  CHECK(s.by_key("another", "u1").empty());
}

TEST_CASE("ST8 of a topic all are listed whose replicas are up") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b, on_c);
  CHECK(on_a.clocks() == clock_map{{a, 0}, {b, 0}, {c, 0}});
  CHECK(on_a.online("lobby").empty());
  (void)on_a.join(key("lobby", "alice"), meta());
  (void)on_b.join(key("lobby", "bob"), meta());
  (void)on_c.join(key("lobby", "carol"), meta());
  (void)transfer(on_a, on_b);
  (void)transfer(on_a, on_c);
  CHECK(text(on_a.online("lobby")) == "alice{} bob{} carol{}");
  CHECK(on_a.online_count("lobby") == 3);
  (void)on_a.replica_down(b);
  CHECK(text(on_a.online("lobby")) == "alice{} carol{}");
  CHECK(on_a.online_count("lobby") == 2);
  CHECK(on_a.by_key("lobby", "bob").empty());
  (void)on_a.replica_down(c);
  CHECK(text(on_a.online("lobby")) == "alice{}");
  CHECK(on_a.online("another").empty());
  CHECK(on_a.online_count("another") == 0);
}

TEST_CASE("ST9 deltas carry joins and leaves, one after the other") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta());
  auto first = taken_changes(on_a);
  CHECK(values_text(first) == "a1=alice");
  CHECK(text(on_b.merge(first)) == "lobby: +alice{}");
  CHECK(on_b.clocks() == clock_map{{a, 1}, {b, 0}});

  (void)on_a.leave(key("lobby", "alice"));
  auto second = taken_changes(on_a);
  CHECK(second.values.empty());
  CHECK_MESSAGE(dots_text(second) == "a:1-2", "the dot that was removed, and the one that shows it");
  CHECK(text(on_b.merge(second)) == "lobby: -alice{}");
  CHECK(on_b.clocks() == clock_map{{a, 2}, {b, 0}});

  (void)on_a.join(key("lobby", "alice"), meta());
  CHECK(text(on_b.merge(taken_changes(on_a))) == "lobby: +alice{}");
  CHECK(on_b.clocks() == clock_map{{a, 3}, {b, 0}});
  CHECK(on_b.cloud_size() == 0);
  CHECK(on_a.cloud_size() == 0);
}

TEST_CASE("ST10 deltas with a gap between them are not merged with each other") {
  state s{a};
  (void)s.join(key("lobby", "alice"), meta());
  auto first = taken_changes(s);
  (void)s.join(key("lobby", "bob"), meta());
  (void)taken_changes(s);
  (void)s.join(key("lobby", "carol"), meta());
  auto third = taken_changes(s);
  CHECK_FALSE(merged(first, third).has_value());
  CHECK_FALSE(merged(third, first).has_value());
  CHECK_FALSE_MESSAGE(merged(first, all_of(s)).has_value(), "a whole state is no range");
}

TEST_CASE("ST11 deltas of two replicas are merged into one with the entries and dots of both") {
  state on_a{a};
  state on_b{b};
  (void)on_a.join(key("lobby", "alice"), meta());
  (void)on_a.join(key("lobby", "bob"), meta());
  (void)on_b.join(key("lobby", "carol"), meta());
  (void)on_b.join(key("lobby", "david"), meta());
  auto both = merged(on_a.changes(), on_b.changes());
  REQUIRE(both.has_value());
  CHECK(values_text(*both) == "a1=alice a2=bob b1=carol b2=david");
  CHECK(dots_text(*both) == "a:1-2 b:1-2");
  CHECK(both->size() == 8);
  CHECK(both->start == clock_map{{a, 0}, {b, 0}});
  CHECK(both->end == clock_map{{a, 2}, {b, 2}});
  CHECK(merged(on_b.changes(), on_a.changes()) == both);
}
