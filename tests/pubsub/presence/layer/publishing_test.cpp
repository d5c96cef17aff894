#include "pubsub/presence/layer/events.hpp"
#include "pubsub/presence/layer/presence_cluster.hpp"
#include "pubsub/presence/layer/publisher.hpp"
#include "supervision/tasks/task_context.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// Keys of all joins, diff by diff.
std::vector<std::string> joined_keys(const someone& listener) {
  std::vector<std::string> all;
  for (const auto& d : listener.diffs())
    for (const auto& [key, p] : d.payload->at("joins").items())
      all.push_back(key);
  return all;
}

/// Those that hang, throw or break their promise are told by their keys.
presence_map fickle(presence_map all, seeded_random& random) {
  for (auto& [key, p] : all) {
    if (key.ends_with("throw"))
      throw std::runtime_error{"the database is away"};
    if (key.ends_with("break"))
      p["metas"] = json::array();
    else
      p["fetched"] = true;
  }
  testing::block(duration{static_cast<std::int64_t>(random.below(80'000'000))});
  return all;
}

}  // namespace

TEST_CASE("I33 diffs are published in their order, though fetches end in any, fail, break promises or hang") {
  for_each_seed(30, [](world& w) {
    auto o = defaults();
    o.batch = 5ms;
    o.fetch_time = 100ms;
    auto random = std::make_shared<seeded_random>(w.seed());
    o.fetch = [random](const std::string&, presence_map all) { return fickle(std::move(all), *random); };
    presence_cluster c{w, o};
    auto listener = c.subscriber();
    auto s = c.spawn();
    std::vector<std::string> expected;
    for (int i = 0; i < 12; ++i) {
      const auto* kind = i % 4 == 1 ? "throw" : i % 4 == 3 ? "break" : "fine";
      // In the order of its keys, when several go out as one.
      expected.push_back(std::string(1, static_cast<char>('a' + i)) + "-" + kind);
      c.a().cast(shard_of(c.a().env(), "presence", topic),
                 presence::track{topic, expected.back(), json::object(), s.who});
      w.pass(10ms);
    }
    w.pass(2s);
    CHECK(joined_keys(listener) == expected);
    std::size_t fetched = 0;
    for (const auto& d : listener.diffs())
      for (const auto& [key, p] : d.payload->at("joins").items()) {
        CHECK(p.at("metas").size() == 1);
        fetched += p.contains("fetched") ? 1 : 0;
      }
    CHECK(fetched > 0);
    CHECK(fetched <= 6);
    CHECK(c.counters().fetch_failures >= 3);
    CHECK(c.counters().fetches == 0);
  });
}

TEST_CASE("I33 a fetch that never ends costs its topic fetch_time, and others nothing") {
  world w;
  auto o = defaults();
  o.fetch_time = 2s;
  std::vector<std::string> failures;
  o.fetch_later = [](supervision::task_context& in, const std::string& t, presence_map all,
                     const std::function<void(presence_map)>& give) {
    if (t == topic)
      return;  // Nobody will ever answer, and the task ends of that.
    in.run_after(30ms, [give, all]() mutable {
      for (auto& [key, p] : all)
        p["later"] = true;
      give(all);
      give({});  // Twice is as once.
    });
  };
  auto is_kept = false;
  auto is_hanging = false;
  SUBCASE("it is forgotten") {}
  SUBCASE("it is kept for ever") { is_kept = true; }
  SUBCASE("it hangs in its handler") { is_hanging = true; }
  auto kept = std::make_shared<std::vector<std::function<void(presence_map)>>>();
  if (is_kept || is_hanging)
    o.fetch_later = [=, later = o.fetch_later](supervision::task_context& in, const std::string& t, presence_map all,
                                               const std::function<void(presence_map)>& give) {
      if (t == topic)
        kept->push_back(give);
      if (t == topic && is_hanging)
        testing::block(1h);
      later(in, t, std::move(all), give);
    };
  presence_cluster c{w, o};
  auto handle =
      c.a().events().attach<layer::fetch_failed>([&](const layer::fetch_failed& e) { failures.emplace_back(e.why); });
  auto here = c.subscriber();
  auto there = c.subscriber("a@sim", "room:other");
  auto s = c.spawn();
  c.a().cast(shard_of(c.a().env(), "presence", topic), presence::track{topic, "u1", json::object(), s.who});
  c.a().cast(shard_of(c.a().env(), "presence", "room:other"),
             presence::track{"room:other", "u1", json::object(), s.who});
  w.pass(300ms);
  REQUIRE(there.diffs().size() == 1);
  CHECK(there.diffs()[0].payload->at("joins").at("u1").contains("later"));
  w.pass(2s);
  REQUIRE(here.diffs().size() == 1);
  CHECK(here.diffs()[0].payload->at("joins").at("u1").at("metas").size() == 1);
  CHECK(failures.size() == 1);
  w.pass(4s);  // One that is stuck is a zombie by now.
  CHECK(c.counters().fetches == 0);
}

TEST_CASE("more fetches of one topic than may run wait, and what changes meanwhile goes out as one diff") {
  world w;
  auto o = defaults();
  o.batch = 1ms;
  o.fetch_time = 1min;
  auto running = std::make_shared<int>(0);
  auto most = std::make_shared<int>(0);
  o.fetch_later = [=](supervision::task_context& in, const std::string&, presence_map all,
                      const std::function<void(presence_map)>& give) {
    *most = std::max(*most, ++*running);
    in.run_after(500ms, [=] {
      --*running;
      give(all);
    });
  };
  presence_cluster c{w, o};
  auto listener = c.subscriber();
  auto s = c.spawn();
  for (int i = 0; i < 50; ++i) {
    c.a().cast(shard_of(c.a().env(), "presence", topic),
               presence::track{topic, "u" + std::to_string(i), json::object(), s.who});
    w.pass(5ms);
  }
  w.pass(10s);
  CHECK(*most == static_cast<int>(layer::diffs_in_flight_max));
  CHECK(joined_keys(listener).size() == 50);
  CHECK(listener.diffs().size() < 20);
}

TEST_CASE("1,000 joins cost their subscribers a few diffs, and the publisher a few messages") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  std::vector<someone> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back({c.a().spawn<person>(std::make_shared<heard>())});
  w.run();
  const auto id = c.a().processes().whereis(layer::publisher_name("presence"));
  const auto handled_before = c.a().processes().info(id, w.now())->handled;
  for (std::size_t i = 0; i < all.size(); ++i)
    c.a().cast(shard_of(c.a().env(), "presence", topic),
               presence::track{topic, "u" + std::to_string(i), json::object(), all[i].who});
  const auto begin = w.now();
  c.settle();
  const auto handled = c.a().processes().info(id, w.now())->handled - handled_before;
  MESSAGE("1,000 joins: " << listener.diffs().size() << " diffs, " << handled << " messages to the publisher");
  CHECK(listener.is_told->client.shown().size() == 1000);
  CHECK(listener.diffs().size() <= static_cast<std::size_t>((w.now() - begin) / c.options.batch) + 1);
  CHECK(listener.diffs().size() <= 4);
  CHECK(handled <= 3 * listener.diffs().size() + 2);
}

TEST_CASE("what comes at once from elsewhere goes out in diffs of bounded size, in turns of their own") {
  world w;
  presence_cluster c{w, defaults(), {"a@sim", "b@sim"}};
  auto s = c.spawn("b@sim");
  for (int i = 0; i < 2500; ++i)
    c.at("b@sim").cast(shard_of(c.at("b@sim").env(), "presence", topic),
                       presence::track{topic, "u" + std::to_string(i), json::object(), s.who});
  w.run();
  auto listener = c.joiner();
  c.connect_all();
  c.settle(1s);
  CHECK(listener.is_told->client.shown().size() == 2500);
  CHECK(listener.diffs().size() == 3);
  for (const auto& d : listener.diffs())
    CHECK(d.payload->at("joins").size() <= layer::diff_changes_max);
}

TEST_CASE("page reloads within one batch leave the key where it is") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto tab = c.spawn();
  c.track(tab, "ann");
  c.settle();
  for (int i = 0; i < 5; ++i) {
    c.kill(tab);
    tab = c.spawn();
    c.track(tab, "ann");
    c.settle();
  }
  CHECK(listener.is_told->client.seen == std::vector<std::string>{"+ann"});
  CHECK(listener.is_told->client.shown() == c.listed());
  SUBCASE("and who came and went within one is not heard of") {
    auto diffs = listener.diffs().size();
    auto s = c.spawn();
    c.track(s, "bob");
    c.untrack(s, "bob");
    c.settle();
    CHECK(listener.diffs().size() == diffs);
  }
  SUBCASE("but by who was given the list meanwhile") {
    auto s = c.spawn();
    c.track(s, "bob");
    auto late = c.joiner();
    CHECK(late.is_told->client.shown().contains("bob"));
    c.untrack(s, "bob");
    c.settle();
    CHECK(late.is_told->client.shown() == c.listed());
  }
}

TEST_CASE("a node that is cut off leaves, and comes back under the same refs: the client shows it again") {
  for_each_seed(10, [](world& w) {
    presence_cluster c{w, defaults(), {"a@sim", "b@sim"}};
    c.connect_all();
    auto listener = c.joiner();
    auto here = c.spawn("a@sim");
    auto there = c.spawn("b@sim");
    c.track(here, "h");
    c.track(there, "t");
    c.settle();
    CHECK(listener.is_told->client.shown().size() == 2);
    c.net.cut(c.a(), c.at("b@sim"));
    c.settle(3s);
    CHECK(listener.is_told->client.shown().size() == 1);
    CHECK(listener.is_told->client.shown() == c.listed());
    c.net.connect(c.a(), c.at("b@sim"));
    c.settle(3s);
    CHECK(listener.is_told->client.shown().size() == 2);
    CHECK(listener.is_told->client.shown() == c.listed());
  });
}

TEST_CASE("what is published is told to telemetry, and counted") {
  world w;
  presence_cluster c{w};
  auto listener = c.subscriber();
  std::vector<std::string> published;
  auto handle = c.a().events().attach<layer::diff_published>([&](const layer::diff_published& e) {
    published.push_back(std::string{e.presence} + " " + std::string{e.topic} + " +" + std::to_string(e.joins) + " -"
                        + std::to_string(e.leaves));
  });
  auto s = c.spawn();
  c.track(s, "u1");
  c.track(s, "u2");
  c.settle();
  c.update(s, "u1", {{"st", "away"}});
  c.untrack(s, "u2");
  c.settle();
  CHECK(published == std::vector<std::string>{"presence room:lobby +2 -0", "presence room:lobby +1 -2"});
  const auto n = c.counters();
  CHECK(n.diffs == 2);
  CHECK(n.joins == 3);
  CHECK(n.leaves == 2);
  CHECK(n.topics == 1);
  CHECK(n.refused + n.fetch_failures + n.metas_failures == 0);
}

TEST_CASE("without its pubsub system a presence goes on, and who subscribes to the next one misses nothing") {
  world w;
  presence_cluster c{w};
  auto s = c.spawn();
  auto top = c.tops.at("a@sim");
  std::string id;
  for (const auto& child : w.ask<std::vector<supervision::child_info>>(top, supervision::which_children{}))
    if (child.id != "presence:presence")
      id = child.id;
  (void)w.ask<supervision::change_answer>(top, supervision::terminate_child{id});
  c.track(s, "u1");
  c.settle();
  CHECK(c.state().size() == 1);
  (void)w.ask<supervision::start_answer>(top, supervision::restart_child{id});
  auto listener = c.joiner();
  c.track(s, "u2");
  c.settle();
  CHECK(listener.is_told->client.shown() == c.listed());
  CHECK(listener.is_told->client.shown().size() == 2);
  CHECK(c.counters().refused == 0);
}
