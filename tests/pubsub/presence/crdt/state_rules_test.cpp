// Rules of the state that the catalogue does not name.

#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b");
const replica_id c = replica("c");

}  // namespace

TEST_CASE("an update is a leave and a join in one diff, and nobody sees the key absent") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  (void)on_b.merge(taken_changes(on_a));
  CHECK(text(on_a.join(key("lobby", "alice"), meta("{2}"))) == "lobby: +alice{2} -alice{1}");
  CHECK(on_a.size() == 1);
  CHECK(on_a.clocks().at(a) == 3);
  CHECK(text(on_b.merge(taken_changes(on_a))) == "lobby: +alice{2} -alice{1}");
}

TEST_CASE("changes of one period collapse (D158)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  SUBCASE("who came and went is not in the delta, and costs the other a look at the clock only") {
    (void)on_a.join(key("lobby", "alice"), meta());
    (void)on_a.leave(key("lobby", "alice"));
    auto d = taken_changes(on_a);
    CHECK(d.values.empty());
    CHECK_FALSE(d.empty());
    CHECK(on_b.merge(d).empty());
    CHECK(on_b.clocks().at(a) == 2);
  }
  SUBCASE("of several updates after a join the last one arrives, as a join") {
    for (auto* m : {"{1}", "{2}", "{3}"})
      (void)on_a.join(key("lobby", "alice"), meta(m));
    CHECK(text(on_b.merge(taken_changes(on_a))) == "lobby: +alice{3}");
  }
  SUBCASE("of several updates of one who is known, the leave has the meta that was known") {
    (void)on_a.join(key("lobby", "alice"), meta("{1}"));
    (void)on_b.merge(taken_changes(on_a));
    for (auto* m : {"{2}", "{3}", "{4}"})
      (void)on_a.join(key("lobby", "alice"), meta(m));
    CHECK(text(on_b.merge(taken_changes(on_a))) == "lobby: +alice{4} -alice{1}");
  }
}

TEST_CASE("what comes after a gap waits, and takes effect in order when the gap is filled (D157)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  auto first = taken_changes(on_a);
  (void)on_a.join(key("lobby", "alice"), meta("{2}"));
  auto second = taken_changes(on_a);
  (void)on_a.leave(key("lobby", "alice"));
  (void)on_a.join(key("lobby", "bob"), meta());
  auto third = taken_changes(on_a);

  (void)on_b.merge(first);
  CHECK(on_b.merge(third).empty());
  CHECK(on_b.clocks().at(a) == 1);
  CHECK_MESSAGE(on_b.cloud_size() == 3, "the dot that was removed, the one that shows it, and bob's");
  CHECK_MESSAGE(on_b.merge(third).empty(), "a duplicate changes nothing");
  CHECK(on_b.cloud_size() == 3);

  SUBCASE("by what was lost") { CHECK(text(on_b.merge(second)) == "lobby: +bob{} -alice{1}"); }
  SUBCASE("by the whole state") { CHECK(text(transfer(on_b, on_a)) == "lobby: +bob{} -alice{1}"); }
  SUBCASE("by what a third node has, though that is older than what waits") {
    state on_c{c};
    meet(on_b, on_c);
    (void)on_c.replica_up(a);
    (void)on_c.merge(first);
    (void)on_c.merge(second);
    CHECK(text(transfer(on_b, on_c)) == "lobby: +bob{} -alice{1}");
  }
  CHECK(on_b.cloud_size() == 0);
  CHECK(on_b.clocks().at(a) == on_a.clocks().at(a));
  CHECK(text(on_b.online("lobby")) == text(on_a.online("lobby")));
  CHECK(on_b.summary_of(a) == on_a.summary_of(a));
}

TEST_CASE("parts that wait are joined with what they touch, in whatever order they come") {
  state on_a{a};
  std::vector<delta> parts;
  for (auto* who : {"u1", "u2", "u3", "u4", "u5"}) {
    (void)on_a.join(key("lobby", who), meta());
    parts.push_back(taken_changes(on_a));
  }
  state on_b{b};
  meet(on_a, on_b);
  for (auto i : {4U, 2U, 3U, 1U})
    CHECK(on_b.merge(parts[i]).empty());
  CHECK(on_b.cloud_size() == 4);
  CHECK(text(on_b.merge(parts[0])) == "lobby: +u1{} +u2{} +u3{} +u4{} +u5{}");
}

TEST_CASE("more than may wait is forgotten, and comes with the transfer") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta());
  delta after_a_gap{.start = {{a, 9}}, .end = {{a, 9 + waiting_dots_max}}};
  after_a_gap.cloud[a].insert(10, 9 + waiting_dots_max);
  CHECK(on_b.merge(after_a_gap).empty());
  CHECK(on_b.cloud_size() == waiting_dots_max);
  delta one_more{.start = {{a, 9 + waiting_dots_max}}, .end = {{a, 10 + waiting_dots_max}}};
  one_more.cloud[a].insert(10 + waiting_dots_max);
  CHECK(on_b.merge(one_more).empty());
  CHECK(on_b.cloud_size() == 0);
  CHECK(text(transfer(on_b, on_a)) == "lobby: +alice{}");
}

TEST_CASE("entries that wait behind a gap take so many octets at most, then the transfer has to bring them") {
  state on_b{b};
  (void)on_b.replica_up(a);
  constexpr std::size_t each = 16 * 1024;
  std::uint64_t counter = 9;
  auto send = [&] {
    delta d{.start = {{a, counter}}, .end = {{a, counter + 1}}};
    ++counter;
    d.cloud[a].insert(counter);
    d.values[a].emplace(counter,
                        std::make_shared<const held_entry>(held_entry{std::make_shared<const replica_id>(a),
                                                                      std::make_shared<const std::string>("lobby"),
                                                                      meta(std::string(each, 'x')),
                                                                      {},
                                                                      counter,
                                                                      counter}));
    (void)on_b.merge(d);
  };
  for (std::size_t octets = each; octets <= waiting_octets_max; octets += each)
    send();
  CHECK(on_b.cloud_size() == waiting_octets_max / each);
  send();
  CHECK(on_b.cloud_size() == 0);
  CHECK(on_b.size() == 0);
}

TEST_CASE("what others say of replicas that are not known here is not taken (D143)") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b);
  meet(on_b, on_c);
  (void)on_c.join(key("lobby", "carol"), meta());
  (void)transfer(on_b, on_c);
  CHECK(on_a.merge(all_of(on_b)).empty());
  CHECK(on_a.merge(on_c.changes()).empty());
  CHECK_FALSE(on_a.is_known(c));
  CHECK(on_a.size() == 0);
  (void)on_a.replica_up(c);
  CHECK(on_a.is_up(c));
  CHECK(text(on_a.merge(all_of(on_b))) == "lobby: +carol{}");
}

TEST_CASE("own entries are never removed by what others say (D145, I26)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta());
  auto before = on_a.context();
  delta lie{.end = {{a, 99}}};
  lie.cloud[a].insert(1, 99);
  CHECK(on_a.merge(lie).empty());
  lie = {.end = {{a, 99}}, .is_whole = true};
  CHECK(on_a.merge(lie).empty());
  CHECK(on_a.replace(a, lie).empty());
  CHECK(on_a.replica_down(a).empty());
  CHECK(on_a.remove_replica(a).empty());
  CHECK(text(on_a.online("lobby")) == "alice{}");
  CHECK(on_a.context() == before);
}

TEST_CASE("what is extracted for a replica has nothing of that replica, and nothing that it does not know") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b, on_c);
  (void)on_a.join(key("lobby", "alice"), meta());
  (void)on_b.join(key("lobby", "bob"), meta());
  (void)on_c.join(key("lobby", "carol"), meta());
  (void)transfer(on_a, on_b);
  (void)transfer(on_a, on_c);
  auto for_b = on_a.extract(b, {{a, 0}, {b, 0}});
  CHECK(values_text(for_b) == "a1=alice");
  CHECK(for_b.end == clock_map{{a, 1}});
  CHECK(values_text(on_a.extract(b, {{a, 0}, {b, 0}, {c, 0}})) == "a1=alice c1=carol");
}

TEST_CASE("actors of one number on two nodes, and in two runs of a node, do not meet") {
  state on_a{a};
  state on_b{b};
  state on_b_again{replica("b", 2)};
  meet(on_a, on_b, on_b_again);
  (void)on_a.join(key("lobby", "tab", 7), meta("{a}"));
  (void)on_b.join(key("lobby", "tab", 7), meta("{b1}"));
  (void)on_b_again.join(key("lobby", "tab", 7), meta("{b2}"));
  (void)transfer(on_a, on_b);
  (void)transfer(on_a, on_b_again);
  CHECK(text(on_a.online("lobby")) == "tab{a} tab{b1} tab{b2}");
  CHECK(text(on_a.leave(key("lobby", "tab", 7))) == "lobby: -tab{a}");
  CHECK(text(on_a.remove_replica(b)) == "lobby: -tab{b1}");
  CHECK(text(on_a.online("lobby")) == "tab{b2}");
}

TEST_CASE("a replica that is removed leaves nothing behind, and comes back as a new one (D134, D161)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_b.join(key("lobby", "bob"), meta());
  (void)transfer(on_a, on_b);
  SUBCASE("down first") {
    CHECK(text(on_a.replica_down(b)) == "lobby: -bob{}");
    CHECK(on_a.remove_replica(b).empty());
  }
  SUBCASE("at once") { CHECK(text(on_a.remove_replica(b)) == "lobby: -bob{}"); }
  CHECK_FALSE(on_a.is_known(b));
  CHECK(on_a.context() == clock_map{{a, 0}});
  CHECK(on_a.size() == 0);
  CHECK(on_a.topics().empty());
  CHECK(on_a.replica_up(b).empty());
  CHECK(on_a.clocks().at(b) == 0);
  CHECK(text(transfer(on_a, on_b)) == "lobby: +bob{}");
}

TEST_CASE("a copy is a value of its own") {
  state on_a{a};
  (void)on_a.join(key("lobby", "alice"), meta());
  auto copy = on_a;
  (void)on_a.leave(key("lobby", "alice"));
  (void)copy.join(key("lobby", "bob"), meta());
  CHECK(on_a.online("lobby").empty());
  CHECK(text(copy.online("lobby")) == "alice{} bob{}");
  on_a = std::move(copy);
  CHECK(text(on_a.leave_actor(1)) == "lobby: -alice{} -bob{}");
}

TEST_CASE("diffs are in order of topic, key and actor, whatever the order of the changes") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  for (auto* who : {"d", "b", "a", "c"})
    for (std::uint64_t actor : {2, 1})
      for (auto* where : {"t2", "t1"})
        (void)on_b.join(key(where, who, actor), meta("{" + std::to_string(actor) + "}"));
  auto all = "t1: +a{1} +a{2} +b{1} +b{2} +c{1} +c{2} +d{1} +d{2}; t2: +a{1} +a{2} +b{1} +b{2} +c{1} +c{2} +d{1} +d{2}";
  CHECK(text(transfer(on_a, on_b)) == all);
  (void)on_a.replica_down(b);
  CHECK(text(on_a.replica_up(b)) == all);
}

TEST_CASE("equal entries have equal summaries, in whatever order they came; others have others (D163)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  CHECK(on_b.summary_of(a) == state::summary{});
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  (void)on_a.join(key("lobby", "bob"), meta("{2}"));
  auto first = taken_changes(on_a);
  (void)on_a.join(key("attic", "bob"), meta("{2}"));
  (void)on_a.leave(key("lobby", "alice"));
  auto second = taken_changes(on_a);
  (void)on_b.merge(second);
  (void)on_b.merge(first);
  CHECK(on_a.summary_of(a).entries == 2);
  CHECK(on_b.summary_of(a) == on_a.summary_of(a));
  (void)on_b.merge(first);
  (void)transfer(on_b, on_a);
  CHECK(on_b.summary_of(a) == on_a.summary_of(a));
  CHECK(on_b.summary_of(c) == state::summary{});

  auto of = [](entry_key k, const char* m) {
    state s{a};
    (void)s.join(k, meta(m));
    return s.summary_of(a).digest;
  };
  auto one = of(key("t", "k", 1), "{}");
  CHECK(one == of(key("t", "k", 1), "{}"));
  CHECK(one != of(key("t2", "k", 1), "{}"));
  CHECK(one != of(key("t", "k2", 1), "{}"));
  CHECK(one != of(key("t", "k", 2), "{}"));
  CHECK(one != of(key("t", "k", 1), "{1}"));
  CHECK_MESSAGE((of(key("ab", "c"), "{}") != of(key("a", "bc"), "{}")), "where one ends counts");
}

TEST_CASE("what differs though the clocks are equal is replaced by what its owner has (D163)") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  (void)on_a.join(key("lobby", "bob"), meta());
  // Something that only a bug could make: of the same changes it tells another story.
  state other{a};
  (void)other.join(key("lobby", "alice"), meta("{9}"));
  (void)other.join(key("lobby", "zoe"), meta());
  (void)on_b.merge(other.changes());
  REQUIRE(on_b.clocks() == clock_map{{a, 2}, {b, 0}});
  CHECK_FALSE(on_b.summary_of(a) == on_a.summary_of(a));

  auto own = on_a.extract({}, {{a, 0}});
  CHECK(text(on_b.replace(a, own)) == "lobby: +alice{1} +bob{} -alice{9} -zoe{}");
  CHECK(on_b.summary_of(a) == on_a.summary_of(a));
  CHECK_MESSAGE(on_b.replace(a, own).empty(), "once is enough");

  SUBCASE("but not by what is older than what is known") {
    (void)on_a.leave(key("lobby", "alice"));
    (void)on_b.merge(all_of(on_a));
    CHECK(on_b.replace(a, own).empty());
    CHECK(text(on_b.online("lobby")) == "bob{}");
  }
  SUBCASE("nor by changes, nor of a replica that is not known") {
    CHECK(on_b.replace(a, on_a.changes()).empty());
    CHECK(on_b.replace(c, own).empty());
  }
  SUBCASE("and what waits behind it takes effect") {
    on_a.reset_changes();
    (void)on_a.join(key("lobby", "carol"), meta());
    auto lost = taken_changes(on_a);
    own = on_a.extract({}, {{a, 0}});
    (void)on_a.join(key("lobby", "david"), meta());
    (void)on_b.merge(taken_changes(on_a));
    CHECK(text(on_b.replace(a, own)) == "lobby: +carol{} +david{}");
  }
}

TEST_CASE("a newer whole state puts right what differs, too") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  state other{a};
  (void)other.join(key("lobby", "alice"), meta("{9}"));
  (void)on_b.merge(other.changes());
  (void)on_a.join(key("lobby", "bob"), meta());
  CHECK(text(on_b.merge(all_of(on_a))) == "lobby: +alice{1} +bob{} -alice{9}");
  CHECK(on_b.summary_of(a) == on_a.summary_of(a));
}

TEST_CASE("two entries for one slot, which only a peer that breaks the rules sends, end with the newer") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  (void)on_a.join(key("lobby", "alice"), meta("{1}"));
  auto both = on_a.changes();
  (void)on_a.leave(key("lobby", "alice"));
  (void)on_a.join(key("lobby", "alice"), meta("{3}"));
  both.values[a].emplace(3, on_a.changes().value(a, 3));
  both.cloud[a].insert(1, 3);
  both.end[a] = 3;
  CHECK(text(on_b.merge(both)) == "lobby: +alice{3}");
  CHECK(on_b.size() == 1);
  CHECK(on_b.summary_of(a).entries == 1);
}
