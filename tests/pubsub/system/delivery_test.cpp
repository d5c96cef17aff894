// Who is told what, and what becomes of who cannot keep up: D106-D114, overflow policies, sets, dispatchers.

#include "pubsub/system/pubsub_node.hpp"
#include "pubsub/system/seen_events.hpp"

#include "actors/process_access.hpp"

#include <stdexcept>

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr const char* b = "b@sim";
constexpr auto fire = topic_class::fire_and_forget;

struct overflows {
  explicit overflows(simulated_node& n)
      : handle{n.events().attach<subscriber_overflow>([this](const subscriber_overflow& e) {
          policies.emplace_back(e.policy);
          processes.push_back(e.process);
        })} {}

  std::vector<std::string> policies;
  std::vector<std::uint64_t> processes;
  telemetry::handle handle;
};

/// Writes `number * factor` to each, and notes how it was called; the metadata is the factor.
class multiplying final : public dispatcher {
public:
  void dispatch(process& in, std::span<const entry> entries, const pid& from, const std::string& topic,
                const message& m) const override {
    calls.push_back(topic + " " + std::to_string(entries.size()) + (from ? " from" : ""));
    if (throws)
      throw std::runtime_error{"it cannot multiply"};
    for (const auto& e : entries) {
      auto factor = e.metadata == nullptr ? 1 : *static_cast<const std::uint64_t*>(e.metadata);
      process_access{in}.cast(e.subscriber, said{m.get_as<said>(0).number * factor, {}});
    }
  }

  bool throws = false;
  mutable std::vector<std::string> calls;
};

system_options with(std::shared_ptr<const dispatcher> d) {
  system_options o;
  o.dispatchers.emplace("multiply", std::move(d));
  return o;
}

subscribe_options by_factor(std::uint64_t factor) {
  return {.metadata = std::make_shared<const std::uint64_t>(factor)};
}

}  // namespace

TEST_CASE("two subscriptions to a topic give two of each message, and one unsubscribe by topic takes both") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.subscriber(a, "topic");
    auto second = t.of(a).subscribe(s.who, "topic");
    REQUIRE(second);
    CHECK(t.broadcast(s, "topic", {1, {}}));
    CHECK(s.numbers() == numbers{1, 1});
    CHECK(t.of(a).unsubscribe(*second) == 1);
    CHECK(t.of(a).unsubscribe(*second) == 0);
    CHECK(t.broadcast(s, "topic", {2, {}}));
    CHECK(s.numbers() == numbers{1, 1, 2});
    CHECK(t.of(a).subscribe(s.who, "topic"));
    CHECK(t.of(a).unsubscribe(s.who, "topic") == 2);
    CHECK(t.broadcast(s, "topic", {3, {}}));
    CHECK(s.numbers() == numbers{1, 1, 2});
  });
}

TEST_CASE("subscribing takes effect before it returns, and what was cast before unsubscribing is still delivered") {
  for_each_seed(50, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.spawn(a);
    t.in_turn_of(s, [&](process& p) {
      auto& main = t.of(a);
      CHECK(main.broadcast(p, "topic", fire, share(said{1, {}}), {}));
      CHECK(main.subscribe(p.self(), "topic"));
      CHECK(main.broadcast(p, "topic", fire, share(said{2, {}}), {}));
      CHECK(main.unsubscribe(p.self(), "topic") == 1);
      CHECK(main.broadcast(p, "topic", fire, share(said{3, {}}), {}));
    });
    w.run();
    CHECK(s.numbers() == numbers{2});
  });
}

TEST_CASE("the subscriptions of a process end with it") {
  for_each_seed(50, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.subscriber(a, "x");
    REQUIRE(t.of(a).subscribe(s.who, "y"));
    auto stays = t.subscriber(a, "y");
    t.at(a).kill(s.who);
    w.run();
    CHECK(t.of(a).count().subscriptions == 1);
    CHECK(t.of(a).count().topics == 1);
    CHECK(t.of(a).subscribers("y") == 1);
    // And of one that is dead already.
    REQUIRE(t.of(a).subscribe(s.who, "x"));
    w.run();
    CHECK(t.of(a).count().subscriptions == 1);
  });
}

TEST_CASE("a process is watched once per partition while it is subscribed, and no longer") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.spawn(a);
    auto watchers = [&] { return t.at(a).processes().info(s.who.id(), w.now())->watchers; };
    for (int round = 0; round < 3; ++round) {
      auto first = t.of(a).subscribe(s.who, "x");
      REQUIRE(first);
      REQUIRE(t.of(a).subscribe(s.who, "y"));
      w.run();
      CHECK(watchers() == 1);
      CHECK(t.of(a).unsubscribe(*first) == 1);
      w.run();
      CHECK(watchers() == 1);
      CHECK(t.of(a).unsubscribe(s.who, "y") == 1);
      w.run();
      CHECK(watchers() == 0);
    }
  });
}

TEST_CASE("one subscription more than the limit is refused, and room comes back") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a}};
    system_options o;
    o.subscriptions_max = 2;
    t.start(a, {o});
    auto s = t.subscriber(a, "x");
    REQUIRE(t.of(a).subscribe(s.who, "y"));
    auto refused = t.of(a).subscribe(s.who, "z");
    REQUIRE_FALSE(refused);
    CHECK(refused.error()
          == error{errc::busy, "PubSub system \"main\" has 2 subscriptions already; end some, or raise "
                               "subscriptions_max"});
    CHECK(t.of(a).unsubscribe(s.who, "y") == 1);
    CHECK(t.of(a).subscribe(s.who, "z"));
  });
}

// -- full mailboxes -----------------------------------------------------------------------------------------

TEST_CASE("overflow::drop loses what does not fit, counted and told, and goes on") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    overflows seen{t.at(a)};
    auto by = t.spawn(a);
    auto slow = t.spawn(a, 3);
    auto other = t.subscriber(a, "topic");
    REQUIRE(t.of(a).subscribe(slow.who, "topic"));
    t.in_turn_of(by, [&](process& p) {
      for (std::uint64_t i = 1; i <= 5; ++i)
        CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, {}}), {}));
    });
    w.run();
    CHECK(slow.numbers() == numbers{1, 2, 3});
    CHECK(other.numbers() == numbers{1, 2, 3, 4, 5});
    CHECK(t.of(a).count().overflows == 2);
    CHECK(seen.policies == std::vector<std::string>{"drop", "drop"});
    CHECK(seen.processes == std::vector<std::uint64_t>{slow.who.id(), slow.who.id()});
    CHECK(t.broadcast(by, "topic", {6, {}}));
    CHECK(slow.numbers() == numbers{1, 2, 3, 6});
  });
}

TEST_CASE("overflow::disconnect ends the subscription and its process, which hears why") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    overflows seen{t.at(a)};
    auto by = t.spawn(a);
    auto slow = t.spawn(a, 3);
    REQUIRE(t.of(a).subscribe(slow.who, "topic", {.when_full = overflow::disconnect}));
    t.in_turn_of(by, [&](process& p) {
      for (std::uint64_t i = 1; i <= 5; ++i)
        CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, {}}), {}));
    });
    w.run();
    CHECK(slow.numbers() == numbers{1, 2, 3});
    CHECK(seen.policies == std::vector<std::string>{"disconnect"});
    CHECK(t.of(a).count().subscriptions == 0);
    REQUIRE(slow.is_told->ended);
    CHECK(*slow.is_told->ended
          == reason::custom("its mailbox was full at a message of the topic \"topic\", to which it subscribed with "
                            "overflow::disconnect"));
  });
}

TEST_CASE("a wake-up that met a full mailbox is repeated until it is taken") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    auto slow = t.spawn(a, 2);
    REQUIRE(t.of(a).subscribe(slow.who, "topic", {.how = delivery::signal}));
    t.in_turn_of(by, [&](process& p) {
      for (std::uint64_t i = 0; i < 2; ++i)
        process_access{p}.cast(slow.who, said{i, {}});
      CHECK(t.of(a).broadcast(p, "topic", fire, share(said{7, {}}), {}));
      CHECK(t.of(a).broadcast(p, "topic", fire, share(said{8, {}}), {}));
    });
    w.run();
    CHECK(slow.numbers() == numbers{0, 1});
    CHECK(t.of(a).count().overflows == 1);
    w.advance(signal_retry + 10ms);
    CHECK(slow.numbers() == numbers{0, 1, 8});
    CHECK(slow.is_told->wakes == 1);
    w.advance(5s);
    CHECK(slow.is_told->wakes == 1);
  });
}

// -- sets ---------------------------------------------------------------------------------------------------

TEST_CASE("a subscription set is given an event of two of its topics once") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.spawn(a);
    auto plain = t.subscriber(a, "stream:3");
    REQUIRE(t.of(a).subscribe(plain.who, "source:7"));
    auto both = subscription_set::make(t.of(a), s.who);
    CHECK(both->add("stream:3"));
    CHECK(both->add("stream:3"));
    CHECK(both->add("source:7"));
    CHECK(both->topics() == std::set<std::string>{"source:7", "stream:3"});
    CHECK_FALSE(both->add(""));
    for (const auto* topic : {"stream:3", "source:7"}) {
      CHECK(t.broadcast(plain, topic, {1, {}}, fire, {.event_id = "e1"}));
      CHECK(t.broadcast(plain, topic, {2, {}}));
    }
    CHECK(s.numbers() == numbers{1, 2, 2});
    CHECK(plain.numbers() == numbers{1, 2, 1, 2});
    CHECK(t.of(a).count().duplicates == 1);
    both->remove("source:7");
    both->remove("source:8");
    CHECK(t.broadcast(plain, "source:7", {3, {}}, fire, {.event_id = "e3"}));
    CHECK(t.broadcast(plain, "stream:3", {4, {}}, fire, {.event_id = "e4"}));
    CHECK(s.numbers() == numbers{1, 2, 2, 4});
    both = nullptr;
    CHECK(t.of(a).subscribers("stream:3") == 1);
  });
}

TEST_CASE("a subscription set with signals is woken once for one event") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.spawn(a);
    auto both = subscription_set::make(t.of(a), s.who, {.how = delivery::signal});
    CHECK(both->add("x"));
    CHECK(both->add("y"));
    CHECK(t.broadcast(s, "x", {1, {}}, fire, {.event_id = "e"}));
    CHECK(t.broadcast(s, "y", {1, {}}, fire, {.event_id = "e"}));
    CHECK(s.is_told->wakes == 1);
    t.at(a).kill(s.who);
    w.run();
    CHECK(t.of(a).count().subscriptions == 0);
    both = nullptr;
    CHECK(t.of(a).count().subscriptions == 0);
  });
}

TEST_CASE("seen_events forgets the oldest ids, one for one") {
  seen_events s;
  CHECK(s.is_first("0"));
  CHECK_FALSE(s.is_first("0"));
  for (std::size_t i = 1; i < seen_events::ids_max; ++i)
    CHECK(s.is_first(std::to_string(i)));
  CHECK_FALSE(s.is_first("0"));
  CHECK(s.is_first("one more"));
  CHECK(s.is_first("0"));
  CHECK_FALSE(s.is_first("2"));
}

// -- dispatchers --------------------------------------------------------------------------------------------

TEST_CASE("a dispatcher is called once per broadcast and node, with metadata, by name on other nodes, too") {
  for_each_seed(10, [](world& w) {
    auto here = std::make_shared<multiplying>(), there = std::make_shared<multiplying>();
    pubsub_cluster t{w, {a, b}};
    t.start(a, {with(here)});
    t.start(b, {with(there)});
    t.connect_all();
    auto by = t.subscriber(a, "topic", by_factor(2));
    auto local = t.subscriber(a, "topic", by_factor(3));
    auto remote = t.subscriber(b, "topic", by_factor(5));
    auto plain = t.subscriber(b, "topic");
    auto woken = t.subscriber(b, "topic", {.how = delivery::signal});
    CHECK(t.broadcast(by, "topic", {10, {}}, fire, {.dispatcher = "multiply"}));
    CHECK(t.broadcast(by, "nobody", {10, {}}, fire, {.dispatcher = "multiply"}));
    t.settle();
    CHECK(by.numbers() == numbers{20});
    CHECK(local.numbers() == numbers{30});
    CHECK(remote.numbers() == numbers{50});
    CHECK(plain.numbers() == numbers{10});
    CHECK(woken.numbers() == numbers{10});
    CHECK(here->calls == std::vector<std::string>{"topic 2"});
    CHECK(there->calls == std::vector<std::string>{"topic 2"});
    t.in_turn_of(by, [&](process& p) {
      CHECK(t.of(a).broadcast_from(p, "topic", fire, share(said{11, {}}), {.dispatcher = "multiply"}));
    });
    t.settle();
    CHECK(by.numbers() == numbers{20});
    CHECK(here->calls.back() == "topic 1 from");
    CHECK(there->calls.back() == "topic 2");
  });
}

TEST_CASE("a dispatcher that a node does not know is the default there, counted") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(a, {with(std::make_shared<multiplying>())});
    t.start(b);
    t.connect_all();
    auto remote = t.subscriber(b, "topic", by_factor(5));
    CHECK(t.broadcast(t.spawn(a), "topic", {10, {}}, fire, {.dispatcher = "multiply"}));
    t.settle();
    CHECK(remote.numbers() == numbers{10});
    CHECK(t.of(b).count().unknown_dispatchers == 1);
    CHECK(t.of(a).count().unknown_dispatchers == 0);
  });
}

TEST_CASE("a dispatcher that throws is counted and told, and disturbs neither broadcaster nor worker") {
  for_each_seed(10, [](world& w) {
    auto d = std::make_shared<multiplying>();
    d->throws = true;
    pubsub_cluster t{w, {a, b}};
    t.start(a, {with(d)});
    t.start(b, {with(d)});
    t.connect_all();
    std::vector<std::string> what;
    auto handle = t.at(b).events().attach<dispatch_failed>(
        [&](const dispatch_failed& e) { what.push_back(std::string{e.dispatcher} + ": " + std::string{e.what}); });
    auto by = t.subscriber(a, "topic");
    auto remote = t.subscriber(b, "topic");
    auto woken = t.subscriber(b, "topic", {.how = delivery::signal});
    auto processes = t.at(b).processes().count();
    CHECK(t.broadcast(by, "topic", {1, {}}, fire, {.dispatcher = "multiply"}));
    CHECK(t.broadcast(by, "topic", {2, {}}));
    t.settle();
    CHECK(by.numbers() == numbers{2});
    CHECK(remote.numbers() == numbers{2});
    CHECK(woken.numbers() == numbers{1, 2});
    CHECK_FALSE(by.is_told->ended);
    CHECK(t.of(a).count().dispatch_failures == 1);
    CHECK(t.of(b).count().dispatch_failures == 1);
    CHECK(what == std::vector<std::string>{"multiply: crashed: it cannot multiply"});
    CHECK(t.at(b).processes().count() == processes);
  });
}

TEST_CASE("what a dispatcher's casts meet in full mailboxes is counted as of its subscribers") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start(a, {with(std::make_shared<multiplying>())});
    overflows seen{t.at(a)};
    auto slow = t.spawn(a, 1);
    REQUIRE(t.of(a).subscribe(slow.who, "topic"));
    auto by = t.spawn(a);
    t.in_turn_of(by, [&](process& p) {
      for (std::uint64_t i = 1; i <= 3; ++i)
        CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, {}}), {.dispatcher = "multiply"}));
    });
    w.run();
    CHECK(seen.processes.size() == 2);
    CHECK(t.of(a).count().overflows == 2);
  });
}

// -- topics -------------------------------------------------------------------------------------------------

namespace {

constexpr topic_name<said, topic_class::last_value> of_site{"stats:site"};
constexpr topic_family<said> of_blog{"stats:blog"};
constexpr topic_family<said, std::uint64_t> of_workflow{"workflow"};
constexpr topic_subfamily<said, std::uint64_t, std::string> of_step{"workflow", "step"};

}  // namespace

TEST_CASE("names of topics are built by level, and no key can reach another level") {
  CHECK(of_site().name() == "stats:site");
  CHECK(of_blog("hello").name() == "stats:blog:hello");
  CHECK(of_workflow(7).name() == "workflow:7");
  CHECK(of_step(7, "two").name() == "workflow:7:step:two");
  CHECK(of_blog("a:b%c").name() == "stats:blog:a%3Ab%25c");
  static_assert(decltype(of_site())::kind == topic_class::last_value);
}

TEST_CASE("typed topics fix the class of what is broadcast") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.spawn(a);
    t.in_turn_of(s, [&](process& p) {
      auto& main = t.of(a);
      CHECK(main.subscribe(p.self(), of_blog("x")));
      CHECK(main.broadcast(p, of_blog("x"), {1, {}}));
      CHECK(main.local_broadcast(p, of_blog("x"), {2, {}}));
      CHECK(main.broadcast_from(p, of_blog("x"), {3, {}}));
      CHECK(main.direct_broadcast(p, a, of_blog("x"), {4, {}}));
      CHECK(main.broadcast(p, of_site(), {5, {}}));
      CHECK(main.subscribe(p.self(), of_site()));
      CHECK(main.unsubscribe(p.self(), of_blog("x")) == 1);
    });
    w.run();
    CHECK(s.numbers() == numbers{1, 2, 4, 5});
  });
}

}  // namespace beamline::pubsub::test
