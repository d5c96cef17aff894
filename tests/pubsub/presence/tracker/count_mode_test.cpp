#include "pubsub/presence/tracker/tracker_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

tracker_options counting() {
  auto o = quick();
  o.mode = tracker_mode::count;
  o.nodedown_grace = 1s;
  return o;
}

/// Joins of so many new processes, without waiting for their answers.
std::vector<pid> crowd(tracker_cluster& c, simulated_node& n, const std::string& topic, int size) {
  std::vector<pid> all;
  for (int i = 0; i < size; ++i) {
    all.push_back(n.spawn<member>());
    n.cast(c.shard(n, topic), track{topic, "visitor " + std::to_string(i), {{"i", i}}, all.back()});
  }
  c.w.run();
  return all;
}

}  // namespace

TEST_CASE("in mode count everybody knows how many, and only the own node who") {
  testing::for_each_seed(10, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim", "c@sim"}, counting()};
    c.connected();
    auto here = crowd(c, c.a(), "room", 5);
    (void)crowd(c, c.b(), "room", 3);
    CHECK(c.count(c.a(), "room") == 5);
    c.settle();
    for (const auto& name : c.names) {
      CHECK(c.count(c.at(name), "room") == 8);
      CHECK(dirty_count(c.at(name).env(), "presence", "room") == 8);
    }
    CHECK(c.list(c.b(), "room") == texts{"b@sim/visitor 0", "b@sim/visitor 1", "b@sim/visitor 2"});
    CHECK(c.dirty(c.a(), "room").size() == 5);
    CHECK(c.dirty(c.c(), "room").empty());
    CHECK(c.w.ask<listing>(c.shard(c.a(), "room"), get_by_key{"room", "visitor 2"}).entries.size() == 1);
    CHECK(c.told["c@sim"].listed("room") == texts{"a@sim/5", "b@sim/3"});

    c.a().kill(here[0]);
    (void)c.update(c.a(), "room", "visitor 1", here[1], [](const json& m) { return m; });
    CHECK(c.track(c.a(), "room", "visitor 1", here[1]).what == track_answer::kind::already_tracked);
    w.run();
    CHECK(c.count(c.a(), "room") == 7);
    c.settle();
    CHECK(c.count(c.c(), "room") == 7);
    w.crash_node(c.b());
    w.advance(2s);
    CHECK(c.count(c.a(), "room") == 4);
    CHECK(c.count(c.c(), "room") == 4);
    for (std::size_t i = 1; i < here.size(); ++i)
      c.a().kill(here[i]);
    c.settle();
    CHECK(c.count(c.c(), "room") == 0);
    CHECK(c.told["c@sim"].listed("room").empty());
  });
}

TEST_CASE("10,000 joins in one period cost one message to each node, and the count is exact after it") {
  world w;
  tracker_cluster c{w, {"a@sim", "b@sim"}, counting()};
  c.connected();
  std::size_t diffs = c.told["b@sim"].diffs;
  auto before = c.status(c.a()).counters;
  auto messages = c.sent["a@sim"]->messages;
  constexpr int joins = 10'000;
  auto all = crowd(c, c.a(), "room", joins);
  c.settle();
  CHECK(c.count(c.b(), "room") == joins);
  auto after = c.status(c.a()).counters;
  // Virtual time goes on while they join.
  CHECK(after.changed_beats - before.changed_beats <= 2);
  CHECK(after.transfers_served == before.transfers_served);
  CHECK(c.sent["a@sim"]->messages - messages <= 3);
  CHECK(c.told["b@sim"].diffs - diffs <= 2);
  CHECK(c.status(c.b()).entries == 1);
}

TEST_CASE("idle links carry empty beats, as many octets with thousands of members as with one") {
  auto octets_per_second = [](tracker_mode mode, int members) {
    world w;
    auto o = counting();
    o.mode = mode;
    tracker_cluster c{w, {"a@sim", "b@sim", "c@sim"}, o};
    c.connected();
    for (const auto& name : c.names)
      (void)crowd(c, c.at(name), "room", members);
    w.advance(20s);
    for (const auto& name : c.names)
      CHECK(c.count(c.at(name), "room") == 3U * static_cast<unsigned>(members));
    std::size_t before = 0, after = 0;
    for (auto& [name, s] : c.sent)
      before += s->octets;
    constexpr auto length = 165s;
    w.advance(length);
    for (auto& [name, s] : c.sent)
      after += s->octets;
    // Three links, both ways.
    return static_cast<double>(after - before) / 3 / static_cast<double>(length.count());
  };
  for (auto mode : {tracker_mode::count, tracker_mode::members}) {
    auto one = octets_per_second(mode, 1);
    auto many = octets_per_second(mode, 300);
    CAPTURE(one);
    CAPTURE(many);
    CHECK(many < 40);
    CHECK(many - one < 2);
  }
}

TEST_CASE("a shard that is killed in mode count counts the same before, meanwhile and after") {
  testing::for_each_seed(10, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim"}, counting()};
    c.connected();
    (void)crowd(c, c.a(), "room", 20);
    (void)crowd(c, c.b(), "room", 10);
    c.settle();
    (void)c.told["a@sim"].take();
    (void)c.told["b@sim"].take();
    c.kill_shard(c.a(), "room");
    CHECK(dirty_count(c.a().env(), "presence", "room") == 30);
    w.run();
    CHECK(c.count(c.a(), "room") == 30);
    w.advance(40s);
    CHECK(c.count(c.b(), "room") == 30);
    CHECK(c.told["a@sim"].take().empty());
    CHECK(c.told["b@sim"].take().empty());
  });
}
