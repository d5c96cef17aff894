#include "base/json.hpp"
#include "pubsub/presence/layer/ledger.hpp"
#include "pubsub/presence/layer/metas_memory.hpp"
#include "pubsub/presence/layer/presence_json.hpp"
#include "pubsub/presence/layer/publish_order.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::layer;

namespace {

meta_text meta(const std::string& ref) { return std::make_shared<const std::string>(R"({"phx_ref":")" + ref + "\"}"); }

presence_map presences(const std::string& key, const std::vector<std::string>& refs) {
  std::vector<meta_change> all;
  for (const auto& r : refs)
    all.push_back({key, r, meta(r)});
  return to_presences(all);
}

tracked entry(const std::string& topic, const std::string& key, const std::string& ref) {
  return {{topic, 1, key}, meta(ref), {{"a@sim", 1}, 1}};
}

}  // namespace

// -- JSON ---------------------------------------------------------------------------------------------------

TEST_CASE("a diff has joins and leaves, each key has metas, and the text is the same as the payload") {
  auto d = to_diff("room", presences("bob", {"r1", "r2"}), {});
  CHECK(*d.text == R"({"joins":{"bob":{"metas":[{"phx_ref":"r1"},{"phx_ref":"r2"}]}},"leaves":{}})");
  CHECK(dump_json(*d.payload) == *d.text);
  CHECK(d.topic == "room");
  CHECK(*to_diff("room", {}, {}).text == R"({"joins":{},"leaves":{}})");
  CHECK(dump_json(to_object({})) == "{}");
}

TEST_CASE("keys such as __proto__, with quotes, or empty are plain data") {
  presence_map all;
  for (const auto* key : {"__proto__", "constructor", "a\"b", "", "metas"})
    all.merge(presences(key, {"r"}));
  auto d = to_diff("t", all, {});
  auto back = parse_json(*d.text);
  REQUIRE(back);
  CHECK(back->at("joins").size() == 5);
  CHECK(back->at("joins").at("__proto__").at("metas").size() == 1);
}

TEST_CASE("fetch keeps keys, metas and refs, or is mended") {
  const auto asked = presences("a", {"r1", "r2"});
  auto intact = true;
  auto fetched = asked;
  SUBCASE("more beside metas, and in them, is what it is for") {
    fetched["a"]["user"] = "Ada";
    fetched["a"]["metas"][0]["device"] = "phone";
    auto kept = keep_promises(asked, fetched, intact);
    CHECK(intact);
    CHECK(kept["a"]["user"] == "Ada");
    CHECK(kept["a"]["metas"][0]["device"] == "phone");
  }
  SUBCASE("a key that is gone comes back") { fetched.clear(); }
  SUBCASE("a key that nobody asked for goes") { fetched["b"] = fetched["a"]; }
  SUBCASE("no metas") { fetched["a"] = json::object(); }
  SUBCASE("metas that are no array") { fetched["a"]["metas"] = 1; }
  SUBCASE("a meta too few") { fetched["a"]["metas"].erase(0); }
  SUBCASE("metas in another order") { std::swap(fetched["a"]["metas"][0], fetched["a"]["metas"][1]); }
  SUBCASE("another ref") { fetched["a"]["metas"][1]["phx_ref"] = "mine"; }
  SUBCASE("no ref") { fetched["a"]["metas"][1] = json::object(); }
  SUBCASE("no object") { fetched["a"] = 7; }
  if (!fetched.contains("a") || !fetched["a"].is_object() || !fetched["a"].contains("user")) {
    CHECK(keep_promises(asked, fetched, intact) == asked);
    CHECK_FALSE(intact);
  }
}

// -- order --------------------------------------------------------------------------------------------------

TEST_CASE("I33 fetches may end in any order, fail or hang: diffs of a topic are handed out as they were taken") {
  publish_order o;
  for (std::uint64_t id = 1; id <= 4; ++id)
    o.begin("t", {id, presences("k", {std::to_string(id)}), {}});
  o.begin("other", {9, {}, {}});
  CHECK(o.waiting("t") == 4);
  CHECK(o.finish("t", 3, presences("k", {"three"}), {}));
  CHECK(o.give_up("t", 2));
  CHECK_FALSE(o.take_ready("t"));
  CHECK(o.give_up("other", 9));
  CHECK(o.take_ready("other")->id == 9);  // Nobody waits for another topic's fetch.
  CHECK(o.finish("t", 1, presences("k", {"one"}), {}));
  CHECK(o.take_ready("t")->joins == presences("k", {"one"}));
  CHECK(o.take_ready("t")->joins == presences("k", {"2"}));  // As it was tracked.
  CHECK(o.take_ready("t")->joins == presences("k", {"three"}));
  CHECK_FALSE(o.take_ready("t"));
  SUBCASE("what comes after its time is ignored") {
    CHECK_FALSE(o.finish("t", 2, {}, {}));
    CHECK_FALSE(o.give_up("t", 1));
    CHECK(o.give_up("t", 4));
    CHECK_FALSE(o.finish("t", 4, {}, {}));
    CHECK(o.take_ready("t")->id == 4);
    CHECK_FALSE(o.finish("t", 4, {}, {}));
    CHECK(o.waiting("t") == 0);
  }
}

// -- metas --------------------------------------------------------------------------------------------------

TEST_CASE("metas are removed by phx_ref, whatever fetch made of them (D181)") {
  metas_memory m;
  auto joined = presences("k", {"r1", "r2"});
  joined["k"]["metas"][0]["at"] = 1;
  CHECK(m.apply("t", joined, {}).at("k").size() == 2);
  auto left = presences("k", {"r1"});
  left["k"]["metas"][0]["at"] = 2;
  CHECK(m.apply("t", {}, left).at("k").size() == 1);
  CHECK(m.of("t").at("k")[0]["phx_ref"] == "r2");
  SUBCASE("a join of a known ref replaces it, where it stands") {
    auto again = presences("k", {"r2", "r3"});
    again["k"]["metas"][0]["at"] = 3;
    const auto& now = m.apply("t", again, {}).at("k");
    CHECK(now.size() == 2);
    CHECK(now[0]["at"] == 3);
  }
  SUBCASE("joins are applied before leaves, so that an updated key never vanishes") {
    CHECK(m.apply("t", presences("k", {"r4"}), presences("k", {"r2"})).at("k")[0]["phx_ref"] == "r4");
  }
  SUBCASE("leaves of what is unknown change nothing") {
    m.apply("t", {}, presences("other", {"r2"}));
    CHECK(m.apply("t", {}, presences("k", {"r9"})).at("k").size() == 1);
    CHECK(m.of("nowhere").empty());
  }
  SUBCASE("the last one takes key and topic along") {
    CHECK(m.apply("t", {}, presences("k", {"r2"})).empty());
    CHECK(m.of("t").empty());
  }
}

// -- ledger -------------------------------------------------------------------------------------------------

TEST_CASE("the ledger wakes its publisher once, until that one has looked") {
  ledger l;
  const auto me = l.adopt();
  CHECK(l.note({{"t", {{entry("t", "a", "r1")}, {}}}}));
  CHECK_FALSE(l.note({{"t", {{entry("t", "b", "r2")}, {}}}}));
  CHECK_FALSE(l.note({{"u", {{entry("u", "b", "r3")}, {}}}}));
  auto noted = l.use(me, [](ledger::books& b) { return std::exchange(b.noted, {}); });
  CHECK(noted == std::set<std::string, std::less<>>{"t", "u"});
  // t is to be flushed already.
  CHECK_FALSE(l.note({{"t", {{entry("t", "c", "r4")}, {}}}}));
  CHECK(l.note({{"v", {{entry("v", "c", "r5")}, {}}}}));
}

TEST_CASE("the next publisher finds what the last one did not publish, and who was superseded is stopped") {
  ledger l;
  const auto first = l.adopt();
  l.note({{"t", {{entry("t", "a", "r1")}, {}}}});
  l.use(first, [](ledger::books& b) {
    b.noted.clear();
    CHECK(b.find("t")->take(10).changes.size() == 1);
  });
  l.keep(first, metas_memory{});
  const auto second = l.adopt();
  CHECK(l.take_kept(second).has_value());
  CHECK_FALSE(l.take_kept(second).has_value());
  l.use(second, [](ledger::books& b) {
    CHECK(b.noted.contains("t"));
    CHECK(b.find("t")->take(10).changes.size() == 1);
  });
  CHECK_THROWS_AS(l.use(first, [](ledger::books&) {}), std::runtime_error);
  l.keep(first, metas_memory{});
  CHECK_FALSE(l.take_kept(second).has_value());
}

TEST_CASE("a topic that nobody is in any more is forgotten") {
  ledger l;
  const auto me = l.adopt();
  l.note({{"t", {{entry("t", "a", "r1")}, {}}}});
  l.use(me, [](ledger::books& b) { CHECK(b.topics.size() == 1); });
  SUBCASE("at once, if nobody has heard of it") {
    l.note({{"t", {{}, {entry("t", "a", "r1")}}}});
    l.use(me, [](ledger::books& b) { CHECK(b.topics.empty()); });
  }
  SUBCASE("else when all was told") {
    l.use(me, [](ledger::books& b) { b.find("t")->published(b.find("t")->take(10).id); });
    l.note({{"t", {{}, {entry("t", "a", "r1")}}}});
    l.use(me, [](ledger::books& b) {
      auto f = b.find("t")->take(10);
      CHECK(f.changes.leaves.size() == 1);
      b.forget_if_idle("t");
      CHECK(b.topics.size() == 1);
      b.find("t")->published(f.id);
      b.forget_if_idle("t");
      CHECK(b.topics.empty());
    });
  }
}

TEST_CASE("a replica's next run says its entries again: nothing is told") {
  ledger l;
  const auto me = l.adopt();
  l.note({{"t", {{entry("t", "a", "r1")}, {}}}});
  l.use(me, [](ledger::books& b) {
    b.noted.clear();
    b.find("t")->published(b.find("t")->take(10).id);
  });
  auto next_run = entry("t", "a", "r1");
  next_run.at.replica.version = 2;
  l.note({{"t", {{next_run}, {entry("t", "a", "r1")}}}});
  l.use(me, [](ledger::books& b) { CHECK(b.find("t")->take(10).changes.empty()); });
}
