#include "pubsub/presence/layer/presence_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

struct told {
  std::string topic;
  json diff;
  std::map<std::string, std::vector<json>> presences;
};
using story = std::shared_ptr<std::vector<told>>;

presence_options telling(const story& to) {
  auto o = defaults();
  o.handle_metas = [to](const std::string& t, const presence_diff& d,
                        const std::map<std::string, std::vector<json>>& all) {
    to->push_back({t, *d.payload, all});
  };
  return o;
}

}  // namespace

TEST_CASE("PR12 handle_metas of a new topic gets the diff and presences with one meta") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  presence_cluster c{w, telling(s)};
  auto p = c.spawn();
  auto ref = c.track(p, "u1", {{"name", "u1"}});
  c.settle();
  REQUIRE(s->size() == 1);
  const json meta{{"name", "u1"}, {"phx_ref", ref}};
  CHECK(s->at(0).topic == topic);
  CHECK(s->at(0).diff == json{{"joins", {{"u1", {{"metas", {meta}}}}}}, {"leaves", json::object()}});
  CHECK(s->at(0).presences == std::map<std::string, std::vector<json>>{{"u1", {meta}}});
}

TEST_CASE("PR13 handle_metas sees new presences beside those that were there") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  presence_cluster c{w, telling(s)};
  for (const auto* key : {"u1", "u2", "u3"}) {
    c.track(c.spawn(), key);
    c.settle();
  }
  REQUIRE(s->size() == 3);
  CHECK(s->back().presences.size() == 3);
  CHECK(s->back().diff.at("joins").size() == 1);
}

TEST_CASE("PR14 handle_metas sees metas of one key in the order of tracking") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  presence_cluster c{w, telling(s)};
  refs in_order;
  SUBCASE("one after another") {
    for (int i = 0; i < 3; ++i) {
      in_order.push_back(c.track(c.spawn(), "u1"));
      c.settle();
    }
    CHECK(s->size() == 3);
  }
  SUBCASE("all in one diff") {
    for (int i = 0; i < 3; ++i)
      in_order.push_back(c.track(c.spawn(), "u1"));
    c.settle();
    CHECK(s->size() == 1);
  }
  refs seen;
  for (const auto& m : s->back().presences.at("u1"))
    seen.push_back(m.at("phx_ref").get<std::string>());
  CHECK(seen == in_order);
}

TEST_CASE("PR15 after all have left handle_metas sees an empty map") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  presence_cluster c{w, telling(s)};
  std::vector<someone> all;
  for (const auto* key : {"u1", "u1", "u2"}) {
    all.push_back(c.spawn());
    c.track(all.back(), key);
  }
  c.settle();
  CHECK(s->back().presences.size() == 2);
  for (const auto& p : all)
    c.kill(p);
  c.settle();
  CHECK(s->back().presences.empty());
  CHECK(s->back().diff.at("leaves").size() == 2);
}

TEST_CASE("PR16 with its only meta a key goes, the others stay") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  presence_cluster c{w, telling(s)};
  std::vector<someone> all;
  for (const auto* key : {"u1", "u2", "u3"}) {
    all.push_back(c.spawn());
    c.track(all.back(), key);
  }
  c.settle();
  c.kill(all[1]);
  c.settle();
  CHECK(s->back().presences.size() == 2);
  CHECK_FALSE(s->back().presences.contains("u2"));
}

TEST_CASE("an update replaces the meta, whatever fetch makes of metas each time (D181)") {
  world w;
  auto s = std::make_shared<std::vector<told>>();
  auto o = telling(s);
  auto calls = std::make_shared<int>(0);
  o.fetch = [calls](const std::string&, presence_map all) {
    for (auto& [key, p] : all)
      for (auto& m : p["metas"])
        m["call"] = ++*calls;
    return all;
  };
  presence_cluster c{w, o};
  auto p = c.spawn();
  c.track(p, "u1", {{"st", "on"}});
  c.settle();
  c.update(p, "u1", {{"st", "away"}});
  c.settle();
  REQUIRE(s->back().presences.at("u1").size() == 1);
  CHECK(s->back().presences.at("u1")[0].at("st") == "away");
  CHECK(s->back().presences.at("u1")[0].contains("call"));
  c.kill(p);
  c.settle();
  CHECK(s->back().presences.empty());
}

TEST_CASE("a handle_metas that throws is counted and logged, and the diff is out already") {
  world w;
  auto o = defaults();
  o.handle_metas = [](const std::string&, const presence_diff&, const std::map<std::string, std::vector<json>>&) {
    throw std::runtime_error{"no disk"};
  };
  presence_cluster c{w, o};
  auto listener = c.subscriber();
  auto before = w.ask<presence_counters>(c.publisher(), get_presence_counters{});
  c.track(c.spawn(), "u1");
  c.settle();
  c.track(c.spawn(), "u2");
  c.settle();
  CHECK(listener.diffs().size() == 2);
  CHECK(before.metas_failures == 0);
  CHECK(c.counters().metas_failures == 2);
}

TEST_CASE("a publisher that is killed leaves handle_metas what it was told, fetched, and nothing twice") {
  for_each_seed(30, [](world& w) {
    auto s = std::make_shared<std::vector<told>>();
    auto o = telling(s);
    o.fetch = [](const std::string&, presence_map all) {
      for (auto& [key, p] : all)
        for (auto& m : p["metas"])
          m["fetched"] = true;
      return all;
    };
    presence_cluster c{w, o};
    auto first = c.spawn();
    c.track(first, "u1");
    c.settle();
    c.a().exit(c.publisher(), reason::kill());
    c.track(c.spawn(), "u2");
    c.settle();
    CHECK(s->back().presences.size() == 2);
    for (const auto& [key, metas] : s->back().presences) {
      CHECK(metas.size() == 1);
      CHECK(metas[0].contains("fetched"));
    }
    c.kill(first);
    c.settle();
    CHECK(s->back().presences.size() == 1);
  });
}
