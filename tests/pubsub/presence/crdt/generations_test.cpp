#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b");
const replica_id c = replica("c");

/// "a1=alice [a:1] | ...", slot by slot.
std::string text(const generations& g) {
  std::string all;
  for (const auto& slot : g.slots()) {
    all += all.empty() ? "" : " | ";
    all += slot ? values_text(*slot) + " [" + dots_text(*slot) + "]" : "nothing";
  }
  return all;
}

delta join(state& s, const char* who) {
  (void)s.join(key("lobby", who), meta());
  return taken_changes(s);
}
delta leave(state& s, const char* who) {
  (void)s.leave(key("lobby", who));
  return taken_changes(s);
}

}  // namespace

TEST_CASE("DG1 generations hold what was lately, each as much as it may") {
  state on_a{a};
  state on_b{b};
  generations g{{2, 5, 6}};
  auto first = join(on_a, "alice");
  g.push(first);
  CHECK(text(g) == "a1=alice [a:1] | a1=alice [a:1] | a1=alice [a:1]");
  g.push(first);
  CHECK_MESSAGE(text(g) == "a1=alice [a:1] | a1=alice [a:1] | a1=alice [a:1]", "a duplicate changes nothing");
  g.push(join(on_a, "bob"));
  CHECK(text(g) == "a2=bob [a:2] | a1=alice a2=bob [a:1-2] | a1=alice a2=bob [a:1-2]");
  g.push(join(on_a, "carol"));
  CHECK(text(g) == "a3=carol [a:3] | a3=carol [a:3] | a1=alice a2=bob a3=carol [a:1-3]");
  g.push(join(on_b, "david"));
  CHECK_MESSAGE(text(g) == "b1=david [b:1] | a3=carol b1=david [a:3 b:1] | a3=carol b1=david [a:3 b:1]",
                "what others tell is merged in the same way");
  g.push(leave(on_b, "david"));
  CHECK_MESSAGE(text(g) == " [b:1-2] | a3=carol [a:3 b:1-2] | a3=carol [a:3 b:1-2]",
                "a removal takes the value away and leaves both dots");
}

TEST_CASE("DG2 of a replica that was removed nothing is passed on") {
  state on_a{a};
  state on_b{b};
  state on_c{c};
  meet(on_a, on_b, on_c);
  generations g{{2, 5, 6}};
  SUBCASE("when it is all there was") { g.push(join(on_b, "bob")); }
  SUBCASE("and what there was of others stays") {
    g.push(join(on_a, "alice"));
    g.push(join(on_b, "bob"));
  }
  g.remove_replica(b);
  for (const auto& slot : g.slots())
    if (slot) {
      auto told = on_c.merge(*slot);
      CHECK(text(told).find("bob") == std::string::npos);
    }
  CHECK(on_c.context().at(b) == 0);
  CHECK(on_c.by_key("lobby", "bob").empty());
}

TEST_CASE("DG3 without deltas there is only the whole state to send") {
  state on_a{a};
  generations g;
  (void)on_a.join(key("lobby", "alice"), meta());
  clock_map clock{{a, 0}, {b, 0}};
  CHECK_FALSE(g.extract(b, clock).has_value());
  auto whole = on_a.extract(b, clock);
  CHECK(whole.is_whole);
  CHECK(values_text(whole) == "a1=alice");
  CHECK(whole.end == clock_map{{a, 1}});
}

TEST_CASE("DG4 who has seen all before the second delta is sent the second delta") {
  state on_a{a};
  generations g{{2, 10}};
  g.push(join(on_a, "alice"));
  g.push(join(on_a, "bob"));
  auto part = g.extract(b, {{a, 1}, {b, 0}});
  REQUIRE(part.has_value());
  CHECK(values_text(*part) == "a2=bob");
  CHECK_FALSE_MESSAGE((g.extract(b, {{a, 2}, {b, 0}}).has_value()), "who has seen all is not helped");
}

TEST_CASE("DG5 a delta that begins after what was seen is not sent, but the next that does not") {
  state on_a{a};
  state on_c{c};
  generations g{{4, 10}};
  g.push(join(on_a, "alice"));
  g.push(join(on_a, "bob"));
  g.push(join(on_a, "carol"));
  REQUIRE(text(g) == "a3=carol [a:3] | a1=alice a2=bob a3=carol [a:1-3]");
  SUBCASE("of one replica") {
    auto part = g.extract(b, {{a, 1}, {b, 0}});
    REQUIRE(part.has_value());
    CHECK(values_text(*part) == "a1=alice a2=bob a3=carol");
  }
  SUBCASE("of several, though it would help with another one") {
    g.push(join(on_c, "david"));
    REQUIRE(text(g) == "a3=carol c1=david [a:3 c:1] | a1=alice a2=bob a3=carol c1=david [a:1-3 c:1]");
    CHECK(values_text(*g.extract(b, {{a, 2}, {b, 0}, {c, 0}})) == "a3=carol c1=david");
    CHECK(values_text(*g.extract(b, {{a, 1}, {b, 0}, {c, 0}})) == "a1=alice a2=bob a3=carol c1=david");
    CHECK_MESSAGE((values_text(*g.extract(b, {{b, 0}, {c, 0}})) == "c1=david"), "what it does not know is left out");
    CHECK_MESSAGE((values_text(*g.extract(c, {{a, 2}, {c, 0}})) == "a3=carol"), "what it wrote itself is left out");
    CHECK_MESSAGE((g.extract(c, {{a, 2}, {c, 0}})->end == clock_map{{a, 3}}), "dots and range as well");
    CHECK_FALSE(g.extract(c, {{c, 0}}).has_value());
  }
}

TEST_CASE("a slot never holds more than it may, whatever comes") {
  state on_a{a};
  generations g{{2, 6}};
  for (auto* who : {"u1", "u2", "u3", "u4"})
    (void)on_a.join(key("lobby", who), meta());
  g.push(taken_changes(on_a));
  CHECK_MESSAGE(text(g) == "nothing | nothing", "8 are too many for all");
  g.push(join(on_a, "u5"));
  CHECK(text(g) == "a5=u5 [a:5] | a5=u5 [a:5]");
  for (auto* who : {"u6", "u7", "u8"})
    (void)on_a.join(key("lobby", who), meta());
  g.push(taken_changes(on_a));
  CHECK_MESSAGE(text(g) == "nothing | a6=u6 a7=u7 a8=u8 [a:6-8]", "6 fit the larger one, without what was before");
  (void)on_a.leave_actor(1);
  g.push(taken_changes(on_a));
  CHECK(text(g) == "nothing | nothing");
  CHECK_FALSE(g.extract(b, {{a, 8}}).has_value());
}

TEST_CASE("a delta behind a gap leaves what was there, and what fills the gap is added") {
  state on_a{a};
  generations g{{10}};
  g.push(join(on_a, "alice"));
  auto lost = join(on_a, "bob");
  auto third = join(on_a, "carol");
  g.push(third);
  CHECK(text(g) == "a1=alice [a:1]");
  REQUIRE(merged(lost, third).has_value());
  g.push(*merged(lost, third));
  CHECK(text(g) == "a1=alice a2=bob a3=carol [a:1-3]");
}

TEST_CASE("a whole state clears all generations, an empty delta changes nothing") {
  state on_a{a};
  generations g{{2, 5}};
  g.push(join(on_a, "alice"));
  auto before = text(g);
  g.push(on_a.changes());
  CHECK(text(g) == before);
  g.push(all_of(on_a));
  CHECK(text(g) == "nothing | nothing");
}

TEST_CASE("sizes that do not grow are refused with the sizes") {
  CHECK_THROWS_WITH_AS(generations({100, 100}),
                       "sizes of generations of deltas: 100 follows 100; each must be greater than the one before",
                       std::invalid_argument);
  CHECK_NOTHROW(generations(std::vector<std::size_t>{}));
}
