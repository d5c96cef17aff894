#include "pubsub/presence/tracker/tracker_cluster.hpp"

#include <set>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

tracker_options pool_of(std::size_t shards) {
  auto o = quick();
  o.shards = shards;
  return o;
}

std::string topic(int i) { return "topic " + std::to_string(i); }

/// Each of the sizes of the catalogue; 512 with few topics, as it is slow to start.
void for_each_pool(const std::function<void(tracker_cluster&, int topics)>& story) {
  for (std::size_t shards : {1, 2, 8, 512}) {
    CAPTURE(shards);
    world w;
    tracker_cluster c{w, {"a@sim"}, pool_of(shards)};
    story(c, shards == 512 ? 10 : 100);
  }
}

}  // namespace

TEST_CASE("PO1 track answers with the ref of what is listed") {
  for_each_pool([](tracker_cluster& c, int) {
    auto p = c.spawn(c.a());
    auto answer = c.track(c.a(), "room", "me", p, {{"name", "Ann"}});
    REQUIRE(answer.ok());
    CHECK(answer.ref.size() == 16);
    auto all = c.entries(c.a(), "room");
    REQUIRE(all.size() == 1);
    CHECK(text_of(all[0]) == "a@sim/me");
    CHECK(all[0].key.actor == p.id());
    CHECK(ref_of(all[0]) == answer.ref);
    CHECK(parse_json(*all[0].meta).value().value("name", "") == "Ann");
  });
}

TEST_CASE("PO2 each of many topics lists its own entry with its own ref") {
  for_each_pool([](tracker_cluster& c, int topics) {
    auto p = c.spawn(c.a());
    std::map<int, std::string> refs;
    for (int i = 0; i < topics; ++i)
      refs[i] = c.track(c.a(), topic(i), "me", p).ref;
    std::set<std::string> different;
    for (int i = 0; i < topics; ++i) {
      auto all = c.entries(c.a(), topic(i));
      REQUIRE(all.size() == 1);
      CHECK(ref_of(all[0]) == refs[i]);
      different.insert(refs[i]);
    }
    CHECK(different.size() == static_cast<std::size_t>(topics));
  });
}

TEST_CASE("PO3 untracking each topic empties each list") {
  for_each_pool([](tracker_cluster& c, int topics) {
    auto p = c.spawn(c.a());
    for (int i = 0; i < topics; ++i)
      (void)c.track(c.a(), topic(i), "me", p);
    for (int i = 0; i < topics; ++i)
      c.untrack(c.a(), topic(i), "me", p);
    for (int i = 0; i < topics; ++i)
      CHECK(c.list(c.a(), topic(i)).empty());
  });
}

namespace {

class untracker final : public process {
public:
  untracker(process_context& context, pid who) : process{context}, who_{std::move(who)} {}
  behavior init() override {
    untrack_everywhere(*this, "presence", who_);
    return handlers();
  }

private:
  pid who_;
};

}  // namespace

TEST_CASE("PO4 untracking a process once empties its topics in all shards") {
  for_each_pool([](tracker_cluster& c, int topics) {
    auto p = c.spawn(c.a());
    auto other = c.spawn(c.a());
    for (int i = 0; i < topics; ++i)
      (void)c.track(c.a(), topic(i), "me", p);
    (void)c.track(c.a(), topic(0), "other", other);
    c.a().spawn<untracker>(p);
    c.w.run();
    CHECK(c.list(c.a(), topic(0)) == texts{"a@sim/other"});
    for (int i = 1; i < topics; ++i)
      CHECK(c.list(c.a(), topic(i)).empty());
  });
}

TEST_CASE("PO5 an update shows the new meta, its ref and the one before") {
  for_each_pool([](tracker_cluster& c, int topics) {
    auto p = c.spawn(c.a());
    for (int i = 0; i < topics; ++i) {
      auto first = c.track(c.a(), topic(i), "me", p, {{"tab", 1}}).ref;
      auto second = c.update(c.a(), topic(i), "me", p, [](const json&) { return json{{"tab", 2}}; }).ref;
      auto all = c.entries(c.a(), topic(i));
      REQUIRE(all.size() == 1);
      auto meta = parse_json(*all[0].meta).value();
      CHECK(meta == json{{"tab", 2}, {"phx_ref", second}, {"phx_ref_prev", first}});
    }
  });
}

TEST_CASE("the same topic is in the same shard of every node") {
  world w;
  tracker_cluster c{w, {"a@sim", "b@sim"}, pool_of(8)};
  std::set<std::string> used;
  for (int i = 0; i < 100; ++i) {
    CHECK(c.shard(c.a(), topic(i)).name() == c.shard(c.b(), topic(i)).name());
    used.insert(c.shard(c.a(), topic(i)).name());
  }
  CHECK(used.size() == 8);
  CHECK(shards_of(c.a().env(), "presence").size() == 8);
  CHECK_THROWS_WITH_AS((void)shard_of(c.a().env(), "other", "x"),
                       "no tracker \"other\" runs on a@sim; put child_tracker({.name = \"other\"}) into its tree",
                       std::logic_error);
}
