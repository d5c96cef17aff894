// The bugs that the reference had, each in the shortest form of the pure core.

#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b");
const replica_id c = replica("c");

/// What a node answers who asks with that clock.
delta answer(const state& from, const generations& recent, const replica_id& to, const clock_map& clock) {
  auto part = recent.extract(to, clock, from.sent_context());
  return part ? std::move(*part) : from.extract(to, clock);
}

void join_many(state& s, std::uint64_t count, const char* prefix) {
  for (std::uint64_t n = 1; n <= count; ++n)
    (void)s.join(key("lobby", prefix + std::to_string(n), n), meta());
}

}  // namespace

TEST_CASE("two sets larger than the largest generation that meet late become one on both sides") {
  state on_a{a};
  state on_b{b};
  generations recent_a{{2, 20, 60}};
  generations recent_b{{2, 20, 60}};
  // Some before they meet, in one piece and in small ones, some meanwhile.
  join_many(on_a, 100, "early-a");
  recent_a.push(taken_changes(on_a));
  for (std::uint64_t n = 0; n < 50; ++n) {
    (void)on_b.join(key("lobby", "b" + std::to_string(n), n), meta());
    recent_b.push(taken_changes(on_b));
  }
  meet(on_a, on_b);
  for (std::uint64_t n = 0; n < 5; ++n) {
    (void)on_a.join(key("lobby", "late-a", n), meta());
    auto news = taken_changes(on_a);
    recent_a.push(news);
    (void)on_b.merge(news);
    recent_b.push(news, on_b.context());
  }
  CHECK_MESSAGE(on_b.online_count("lobby") == 50, "what comes before the rest is known waits for it");
  auto to_b = answer(on_a, recent_a, b, on_b.clocks());
  auto to_a = answer(on_b, recent_b, a, on_a.clocks());
  CHECK(to_b.is_whole);
  CHECK(to_a.is_whole);
  (void)on_b.merge(to_b);
  (void)on_a.merge(to_a);
  CHECK(on_a.online_count("lobby") == 155);
  CHECK(text(on_a.online("lobby")) == text(on_b.online("lobby")));
  CHECK(on_a.cloud_size() + on_b.cloud_size() == 0);
  CHECK(on_a.clocks() == on_b.clocks());
}

TEST_CASE("no zombie of an earlier run comes back through a node that still holds it") {
  state on_b{b};
  state on_c{c};
  meet(on_b, on_c);
  state first{replica("a", 1)};
  state second{replica("a", 2)};
  for (auto* s : {&on_b, &on_c})
    (void)s->replica_up(first.self());
  (void)first.join(key("lobby", "zombie"), meta());
  (void)transfer(on_b, first);
  (void)transfer(on_c, first);
  // B hears of the new run, C does not yet.
  CHECK(text(on_b.remove_replica(first.self())) == "lobby: -zombie{}");
  (void)on_b.replica_up(second.self());
  (void)second.join(key("lobby", "alice"), meta());
  CHECK(text(transfer(on_b, second)) == "lobby: +alice{}");
  // Whatever C says, and what the first run had said before, whole or in part.
  CHECK(on_b.merge(all_of(on_c)).empty());
  CHECK(on_b.merge(first.changes()).empty());
  CHECK(on_b.merge(all_of(first)).empty());
  CHECK(text(on_b.online("lobby")) == "alice{}");
  CHECK(text(on_b.all("lobby")) == "alice{}");
  CHECK(on_b.context() == clock_map{{second.self(), 1}, {b, 0}, {c, 0}});
}

TEST_CASE("who joined before a split and left in it is gone when it heals") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  generations recent;
  (void)on_a.join(key("lobby", "alice"), meta());
  auto seen = taken_changes(on_a);
  recent.push(seen);
  (void)on_b.merge(seen);
  auto left = on_b.replica_down(a);
  // In the split: a leave that B never hears of, and something after it that it hears.
  (void)on_a.leave(key("lobby", "alice"));
  recent.push(taken_changes(on_a));
  (void)on_a.join(key("lobby", "bob"), meta());
  auto heard = taken_changes(on_a);
  recent.push(heard);
  CHECK(on_b.merge(heard).empty());
  CHECK_MESSAGE(counter_of(on_b.context(), a) == 1, "the clock says that something is missing");
  SUBCASE("by what is in the generations") {
    auto part = recent.extract(b, on_b.context(), on_a.sent_context());
    REQUIRE(part.has_value());
    (void)on_b.merge(*part);
  }
  SUBCASE("by the whole state") { (void)on_b.merge(on_a.extract(b, on_b.context())); }
  CHECK(text(on_b.replica_up(a)) == "lobby: +bob{}");
  CHECK(text(on_b.online("lobby")) == "bob{}");
  CHECK(on_b.cloud_size() == 0);
}

TEST_CASE("in a stable partial partition nobody asks for what it would not take") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b);
  meet(on_a, on_c);
  for (auto* s : {&on_a, &on_b, &on_c})
    (void)s->join(key("lobby", s->self().name), meta());
  (void)transfer(on_a, on_b);
  (void)transfer(on_a, on_c);
  (void)transfer(on_b, on_a);
  (void)transfer(on_c, on_a);
  CHECK(text(on_b.online("lobby")) == "a{} b{}");
  REQUIRE_FALSE(dominates(on_b.clocks(), on_a.clocks()));
  clock_set heard;
  heard.add(a, on_a.clocks());
  CHECK(heard.take(b, on_b.clocks()).empty());
  heard.add(b, on_b.clocks());
  heard.add(c, on_c.clocks());
  CHECK(heard.take(a, on_a.clocks()).empty());
  // Nor while C is held here, but down.
  (void)on_b.replica_up(c);
  (void)on_b.replica_down(c);
  heard.add(a, on_a.clocks());
  CHECK(heard.take(b, on_b.clocks()).empty());
}

TEST_CASE("entries of another node cannot be changed or removed, and its actors are not mixed up with own ones") {
  state on_a{a};
  state on_b{b};
  meet(on_a, on_b);
  auto who = key("lobby", "alice", 7);
  (void)on_a.join(who, meta("{a}"));
  (void)transfer(on_b, on_a);
  CHECK(on_b.leave(who).empty());
  CHECK(on_b.leave_actor(7).empty());
  CHECK(on_b.changes().empty());
  CHECK_FALSE(on_b.find_own(who).has_value());
  // An update there makes an entry of that node's own beside it.
  CHECK(text(on_b.join(who, meta("{b}"))) == "lobby: +alice{b}");
  CHECK(text(on_b.online("lobby")) == "alice{a} alice{b}");
  CHECK(text(transfer(on_a, on_b)) == "lobby: +alice{b}");
  CHECK_MESSAGE(text(on_a.leave_actor(7)) == "lobby: -alice{a}", "its own, once");
  CHECK(text(transfer(on_b, on_a)) == "lobby: -alice{a}");
  CHECK(text(on_a.online("lobby")) == text(on_b.online("lobby")));
}

TEST_CASE("what was extracted for a node and passed on by it does not remove its entries elsewhere") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b, on_c);
  generations recent_a;
  generations recent_b;
  (void)on_b.join(key("lobby", "bob"), meta());
  auto news = taken_changes(on_b);
  recent_b.push(news);
  (void)on_a.merge(news);
  recent_a.push(news, on_a.context());
  (void)on_a.join(key("lobby", "alice"), meta());
  recent_a.push(taken_changes(on_a));
  // B missed alice, and is told by A of what A knows lately.
  auto part = recent_a.extract(b, on_b.clocks(), on_a.sent_context());
  REQUIRE(part.has_value());
  (void)on_b.merge(*part);
  recent_b.push(*part, on_b.context());
  // C knows nothing, and asks B.
  auto passed_on = recent_b.extract(c, on_c.clocks(), on_b.sent_context());
  REQUIRE(passed_on.has_value());
  CHECK(text(on_c.merge(*passed_on)) == "lobby: +alice{} +bob{}");
}
