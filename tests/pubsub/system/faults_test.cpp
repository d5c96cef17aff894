// The processes of a system are killed under load; its supervisor ends and comes back; peers are slow.

#include "pubsub/system/pubsub_node.hpp"

#include "actors/events.hpp"
#include "actors/peers.hpp"
#include "actors/process_access.hpp"
#include "base/log.hpp"
#include "net/events.hpp"
#include "pubsub/system/directory_parts.hpp"
#include "supervision/partition_supervisor.hpp"

#include <algorithm>

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr const char* b = "b@sim";
constexpr auto fire = topic_class::fire_and_forget;
constexpr auto kept = topic_class::last_value;

/// Kills all processes of that label.
void kill_all(simulated_node& n, std::string_view label_or_kind, time_point now) {
  for (const auto& info : n.processes().list(now))
    if (info.label == label_or_kind || info.kind.ends_with(label_or_kind))
      n.kill(pid{n.env().self(), info.id});
}

}  // namespace

TEST_CASE("partition processes that are killed lose no subscription, and who died meanwhile is removed") {
  for_each_seed(100, [](world& w) {
    pubsub_cluster t{w, {a}};
    system_options o;
    o.partitions = 2;
    t.start(a, {o});
    auto by = t.spawn(a);
    std::vector<someone> all;
    for (int i = 0; i < 6; ++i)
      all.push_back(t.subscriber(a, "topic " + std::to_string(i % 3)));
    auto dies = t.subscriber(a, "topic 0");
    kill_all(t.at(a), "partition_process", w.now());
    t.at(a).kill(dies.who);
    auto late = t.spawn(a);
    REQUIRE(t.of(a).subscribe(late.who, "topic 1"));
    for (std::uint64_t i = 0; i < 9; ++i)
      t.in_turn_of(by, [&t, i](process& p) {
        CHECK(t.of(a).broadcast(p, "topic " + std::to_string(i % 3), fire, share(said{i, {}}), {}));
      });
    w.advance(100ms);
    for (std::uint64_t i = 0; i < 6; ++i)
      CHECK(all[i].numbers() == numbers{i % 3, i % 3 + 3, i % 3 + 6});
    CHECK(late.numbers() == numbers{1, 4, 7});
    CHECK(t.of(a).count().subscriptions == 7);
    for (const auto& s : all)
      t.at(a).kill(s.who);
    t.at(a).kill(late.who);
    w.advance(100ms);
    CHECK(t.of(a).count().subscriptions == 0);
  });
}

TEST_CASE("workers that are killed lose at most what waited for them, and keep the order of each sender") {
  for_each_seed(50, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    system_options o;
    o.pool_size = 2;
    t.start(a);
    t.start(b, {o});
    t.connect_all();
    auto by = t.spawn(a);
    auto there = t.subscriber(b, "topic");
    auto say = [&](std::uint64_t from, std::uint64_t to) {
      for (auto i = from; i <= to; ++i)
        t.in_turn_of(by, [&t, i](process& p) { CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, {}}), {})); });
    };
    say(1, 20);
    w.pass(2ms);
    kill_all(t.at(b), "::worker", w.now());
    w.pass(1ms);
    say(21, 40);
    kill_all(t.at(b), "::receiver", w.now());
    w.advance(200ms);
    say(41, 50);
    t.settle();
    auto got = there.numbers();
    CHECK(std::is_sorted(got.begin(), got.end()));
    CHECK(std::adjacent_find(got.begin(), got.end()) == got.end());
    REQUIRE(got.size() >= 10);
    CHECK(numbers(got.end() - 10, got.end()) == numbers{41, 42, 43, 44, 45, 46, 47, 48, 49, 50});
  });
}

TEST_CASE("a system whose supervisor gave up is taken up again with all subscriptions and values") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    int gave_up = 0;
    auto handle = t.at(a).events().attach<process_ended>(
        [&](const process_ended& e) { gave_up += e.kind.ends_with("::supervisor") ? 1 : 0; });
    auto by = t.spawn(a);
    auto s = t.subscriber(a, "topic");
    CHECK(t.broadcast(by, "value", {1, {}}, kept));
    auto& main = t.of(a);
    auto is_there = [&] { return find_system(t.at(a).env()) != nullptr; };
    // Three lives more than the flags of child_system allow.
    for (int i = 0; i < 12; ++i) {
      kill_all(t.at(a), "::receiver", w.now());
      w.run();
    }
    w.advance(1s);
    CHECK(gave_up == 1);
    CHECK(is_there());
    CHECK(&t.of(a) == &main);
    CHECK(t.broadcast(by, "topic", {2, {}}));
    CHECK(s.numbers() == numbers{2});
    CHECK_FALSE(main.last_value("value").empty());
  });
}

TEST_CASE("a system that does not run refuses subscribers and broadcasts, and says so") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    auto& n = t.start(a, {});
    CHECK(find_system(n.env()) == nullptr);
    CHECK_THROWS_WITH_AS((void)system_of(n.env()),
                         "no PubSub system \"main\" runs on a@sim; its tree needs pubsub::child_system before whoever "
                         "uses it",
                         std::logic_error);
    auto top = n.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_system({})}});
    w.run();
    auto& main = system_of(n.env());
    auto s = t.subscriber(a, "topic");
    n.exit(top, reason::shutdown());
    w.run();
    CHECK(find_system(n.env()) == nullptr);
    CHECK(main.subscribe(s.who, "topic").error()
          == error{errc::unavailable, "PubSub system \"main\" does not run on a@sim"});
    t.in_turn_of(s, [&](process& p) {
      CHECK(main.broadcast(p, "topic", fire, share(said{1, {}}), {}).error().code == errc::unavailable);
    });
    w.run();
    CHECK(s.numbers().empty());
    // Another time, with its subscriber.
    n.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_system({})}});
    w.run();
    CHECK(t.broadcast(s, "topic", {2, {}}));
    CHECK(s.numbers() == numbers{2});
  });
}

TEST_CASE("a system of the same name, or with other options than before, is refused") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    auto& n = t.start(a);
    auto start = [&](system_options o) {
      auto p = n.spawn<supervision::supervisor>(
          supervision::supervisor_spec{.flags = {.intensity = 0}, .children = {child_system(std::move(o))}});
      w.run();
      return n.is_alive(p);
    };
    CHECK_FALSE(start({}));
    CHECK(find_system(n.env()) != nullptr);
    auto s = t.subscriber(a, "topic");
    CHECK(t.broadcast(s, "topic", {1, {}}));
    CHECK(s.numbers() == numbers{1});
    auto& parts = n.env().get<directory>().parts();
    CHECK(parts.open(n.env(), {}).error() == error{errc::exists, "PubSub system \"main\" runs on a@sim already"});
    CHECK(start(named("other")));
    // It ends, and another one would be of that name.
    for (const auto& info : n.processes().list(w.now()))
      if (info.label == "pubsub:other")
        n.exit(pid{n.env().self(), info.parent}, reason::shutdown());
    w.run();
    CHECK(find_system(n.env(), "other") == nullptr);
    auto changed = named("other");
    changed.pool_size = 2;
    CHECK(parts.open(n.env(), changed).error()
          == error{errc::conflict,
                   "PubSub system \"other\" ran on a@sim with other options; they hold for the life of a node"});
    CHECK_FALSE(start(changed));
    CHECK(start(named("other")));
  });
}

TEST_CASE("SY10 a flood of broadcasts to a slow peer drops broadcasts, counted, and nothing else") {
  for_each_seed(3, [](world& w) {
    testing::simulated_links_options links;
    links.links.lanes.lane_octets[static_cast<std::size_t>(lane::broadcast)] = 256U << 10;
    links.links.lanes.window_octets = 64U << 10;
    pubsub_cluster t{w, {a, b}, links};
    t.start_all();
    t.connect_all();
    std::uint64_t dropped = 0;
    auto handle = t.at(a).events().attach<net::lane_overflow>([&](const net::lane_overflow& e) {
      if (e.lane == "broadcast" && e.what == "dropped_oldest")
        dropped += e.count;
    });
    auto there = t.subscriber(b, "topic");
    auto values = t.subscriber(b, "value");
    auto by = t.spawn(a);
    auto pinged = t.spawn(b);
    w.network().slow(a, b, 200);
    for (std::uint64_t i = 1; i <= 1000; ++i) {
      t.in_turn_of(by, [&t, i](process& p) {
        CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, std::string(4000, 'x')}), {}));
      });
      if (i % 100 == 0)
        w.pass(50ms);
    }
    t.in_turn_of(by, [&](process& p) {
      CHECK(t.of(a).broadcast(p, "value", kept, share(said{1, {}}), {}));
      for (std::uint64_t i = 1; i <= 80; ++i)
        CHECK(t.of(a).broadcast(p, "topic", fire, share(said{1000 + i, std::string(4000, 'x')}), {}));
    });
    // The mailboxes of processes are served by the lane of calls.
    t.at(a).cast(by.who, act{[&](process& p) { process_access{p}.cast(pinged.who, said{7, {}}); }});
    auto begun = w.now();
    REQUIRE(w.run_until([&] { return pinged.numbers() == numbers{7}; }, 3s));
    CHECK(w.now() - begun < 1s);
    CHECK(t.net.is_linked(t.at(a), t.at(b)));
    w.network().heal(a, b);
    w.advance(5s);
    CHECK(t.net.is_linked(t.at(a), t.at(b)));
    CHECK(dropped > 100);
    auto got = there.numbers();
    CHECK(got.size() + dropped >= 1080);
    CHECK(got.size() < 1080);
    CHECK(std::is_sorted(got.begin(), got.end()));
    // The value was among what was dropped; it comes by comparing.
    w.advance(2 * 15s + 1s);
    CHECK(values.numbers() == numbers{1});
  });
}

}  // namespace beamline::pubsub::test
