#include "pubsub/presence/layer/presence_cluster.hpp"
#include "pubsub/presence/layer/publisher.hpp"
#include "supervision/tasks/task_context.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// The shortest time between two tellings.
duration shortest_gap(const someone& s) {
  auto shortest = duration::max();
  for (std::size_t i = 1; i < s.is_told->counts.size(); ++i)
    shortest = std::min(shortest, s.is_told->counts[i].first - s.is_told->counts[i - 1].first);
  return shortest;
}

std::vector<std::uint64_t> counts(const someone& s) {
  std::vector<std::uint64_t> all;
  for (const auto& [at, n] : s.is_told->counts)
    all.push_back(n);
  return all;
}

presence_options counting() {
  auto o = defaults();
  o.tracker.mode = tracker_mode::count;
  return o;
}

}  // namespace

TEST_CASE("SY12 two tabs of one visitor on two nodes count once, on both nodes") {
  for_each_seed(20, [](world& w) {
    presence_cluster c{w, defaults(), {"a@sim", "b@sim"}};
    c.connect_all();
    std::vector<someone> views;
    for (const auto& n : c.names) {
      views.push_back(c.spawn(n));
      CHECK(c.watch(views.back(), {.distinct_by = "ip"}).empty());
    }
    auto one = c.spawn("a@sim");
    auto two = c.spawn("b@sim");
    c.track(one, "tab1", {{"ip", "10.0.0.1"}});
    c.track(two, "tab2", {{"ip", "10.0.0.1"}});
    c.settle(1s);
    for (const auto& v : views)
      CHECK(counts(v) == std::vector<std::uint64_t>{0, 1});
    if (w.seed() % 3 == 0) {  // One tab is closed: the visitor is still there.
      c.kill(one);
      c.settle(1s);
      for (const auto& v : views)
        CHECK(v.is_told->last_count() == 1);
      c.kill(two);
      c.settle(1s);
      for (const auto& v : views)
        CHECK(v.is_told->last_count() == 0);
    }
    if (w.seed() % 3 == 1) {  // By keys they are two.
      auto by_key = c.spawn();
      CHECK(c.watch(by_key).empty());
      CHECK(by_key.is_told->last_count() == 2);
    }
    if (w.seed() % 3 == 2) {  // Another visitor is another one, and an update may change who it is.
      auto three = c.spawn("b@sim");
      c.track(three, "tab3", {{"ip", "10.0.0.2"}});
      c.settle(1s);
      CHECK(views[0].is_told->last_count() == 2);
      c.update(three, "tab3", {{"ip", "10.0.0.1"}});
      c.settle(1s);
      for (const auto& v : views)
        CHECK(v.is_told->last_count() == 1);
    }
  });
}

TEST_CASE("a count is told at once, then at a bounded rate, and exactly after quiet, on three nodes under load") {
  for_each_seed(8, [](world& w) {
    presence_cluster c{w, w.seed() % 2 == 0 ? defaults() : counting(), {"a@sim", "b@sim", "c@sim"}};
    c.connect_all();
    std::vector<someone> views;
    for (const auto& n : c.names)
      for (int i = 0; i < 3; ++i) {
        views.push_back(c.spawn(n));
        CHECK(c.watch(views.back(), {.at_most_every = 200ms}).empty());
        REQUIRE(views.back().is_told->counts.size() == 1);
        w.pass(37ms);
      }
    seeded_random random{w.seed()};
    std::vector<pid> people;
    for (int i = 0; i < 400; ++i) {
      if (random.below(3) > 0 || people.empty()) {
        const auto& node = c.names[random.below(3)];
        people.push_back(c.at(node).spawn<person>(std::make_shared<heard>()));
        c.at(node).cast(shard_of(c.at(node).env(), "presence", topic),
                        presence::track{topic, "k" + std::to_string(i), json::object(), people.back()});
      } else {
        auto at = people.begin() + static_cast<std::ptrdiff_t>(random.below(people.size()));
        c.at(at->node().name).kill(*at);
        people.erase(at);
      }
      w.pass(10ms);
    }
    c.settle(2s);
    for (const auto& v : views) {
      CHECK(v.is_told->last_count() == people.size());
      CHECK(shortest_gap(v) >= 199ms);  // Some were told a few microseconds late.
      CHECK(v.is_told->counts.size() > 5);
      CHECK(v.is_told->counts.size() < 60);
    }
  });
}

TEST_CASE("watches outlive the publisher and the shards, and count on") {
  for_each_seed(20, [](world& w) {
    presence_cluster c{w, w.seed() % 2 == 0 ? defaults() : counting()};
    auto view = c.spawn();
    CHECK(c.watch(view).empty());
    c.track(c.spawn(), "u1");
    c.a().exit(c.publisher(), reason::kill());
    c.settle(1s);
    CHECK(view.is_told->last_count() == 1);
    c.a().kill(pid{c.a().env().self(), c.a().processes().whereis("presence:presence:0")});
    c.track(c.spawn(), "u2");
    c.settle(1s);
    CHECK(view.is_told->last_count() == 2);
    if (w.seed() % 4 < 2) {  // They end with their watcher, whichever publisher it told.
      CHECK(c.counters().count_watches == 1);
      c.kill(view);
      c.settle();
      CHECK(c.counters().count_watches == 0);
    }
    if (w.seed() % 4 >= 2) {  // They end when they are ended.
      c.a().cast(c.publisher(), unwatch_count{topic, view.who});
      c.a().cast(c.publisher(), unwatch_count{"nowhere", view.who});
      c.track(c.spawn(), "u3");
      c.settle(1s);
      CHECK(view.is_told->last_count() == 2);
      CHECK(c.counters().count_watches == 0);
    }
  });
}

TEST_CASE("10,000 joins tell a watcher a few numbers, and the publisher nothing of each") {
  for (auto mode : {tracker_mode::members, tracker_mode::count}) {
    world w;
    auto o = defaults();
    o.tracker.mode = mode;
    presence_cluster c{w, o};
    auto view = c.spawn();
    c.watch(view);
    auto s = c.spawn();
    const auto id = c.a().processes().whereis(layer::publisher_name("presence"));
    const auto before = c.a().processes().info(id, w.now())->handled;
    for (int i = 0; i < 10'000; ++i)
      c.a().cast(shard_of(c.a().env(), "presence", topic),
                 presence::track{topic, std::to_string(i), json::object(), s.who});
    const auto begin = w.now();
    c.settle(1s);
    CHECK(view.is_told->last_count() == 10'000);
    CHECK(view.is_told->counts.size() <= static_cast<std::size_t>((w.now() - begin) / 250ms) + 2);
    CHECK(c.a().processes().info(id, w.now())->handled - before < 100);
  }
}

TEST_CASE("a count is told in time while as many diffs as may are being fetched, however long that takes") {
  world w;
  auto o = defaults();
  o.batch = 1ms;
  o.fetch_time = 1min;
  o.fetch_later = [](supervision::task_context& in, const std::string&, presence_map all,
                     const std::function<void(presence_map)>& give) {
    in.run_after(50s, [give, all = std::move(all)] { give(all); });
  };
  presence_cluster c{w, o};
  auto listener = c.subscriber();
  auto view = c.spawn();
  CHECK(c.watch(view).empty());
  std::vector<someone> people;
  for (std::uint64_t i = 0; i < 3 * layer::diffs_in_flight_max; ++i) {
    people.push_back(c.spawn());
    c.a().cast(shard_of(c.a().env(), "presence", topic),
               presence::track{topic, std::to_string(i), json::object(), people.back().who});
    w.pass(500ms);
    CHECK(view.is_told->last_count() == i + 1);
  }
  for (auto left = people.size(); left > 0; --left) {
    c.kill(people[left - 1]);
    w.pass(500ms);
    CHECK(view.is_told->last_count() == left - 1);
  }
  CHECK(listener.diffs().empty());
}

TEST_CASE("a tracker in mode count has counts, of all nodes, and no lists") {
  world w;
  presence_cluster c{w, counting(), {"a@sim", "b@sim"}};
  c.connect_all();
  auto view = c.spawn();
  auto listener = c.subscriber();
  c.watch(view);
  c.track(c.spawn("a@sim"), "u1");
  c.track(c.spawn("b@sim"), "u2");
  c.settle(1s);
  CHECK(view.is_told->last_count() == 2);
  CHECK(listener.diffs().empty());
  auto r = w.try_ask<json>(c.publisher(), state_of{topic});
  REQUIRE(std::get_if<call_error>(&r) != nullptr);
  CHECK(std::get<call_error>(r).why.text.starts_with("unsupported: "));
  CHECK(c.watch(view, {.distinct_by = "ip"}).starts_with("badarg: distinct_by is \"ip\""));
}

TEST_CASE("a watch that makes no sense is refused with what is wrong") {
  world w;
  presence_cluster c{w, defaults(), {"a@sim", "b@sim"}};
  auto s = c.spawn();
  auto elsewhere = c.spawn("b@sim");
  CHECK(c.watch(s, {.at_most_every = 1ms}) == "badarg: at_most_every is 1000 us, it has to be 10 ms at least");
  auto refused = [&](pid who) {
    auto r = w.try_ask<void>(c.publisher(), watch_count{topic, std::move(who)});
    auto* e = std::get_if<call_error>(&r);
    return e == nullptr ? std::string{} : e->why.text;
  };
  CHECK(refused(pid{}).starts_with("badarg: "));
  CHECK(refused(pid{c.a().env().self(), std::string{"name"}}).starts_with("badarg: "));
  CHECK(refused(elsewhere.who).starts_with("nolocal: "));
  CHECK(c.counters().count_watches == 0);
  SUBCASE("one for a process that is dead already ends at once") {
    c.kill(s);
    w.run();
    CHECK(refused(s.who).empty());
    c.settle();
    CHECK(c.counters().count_watches == 0);
  }
}
