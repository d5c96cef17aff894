// Several topics as one subscription.

#include "pubsub/system/pubsub_node.hpp"
#include "pubsub/system/seen_events.hpp"

#include "actors/process_access.hpp"

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr auto fire = topic_class::fire_and_forget;

}  // namespace

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

TEST_CASE("what a full mailbox refused is no repetition when it comes by another topic of the set") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    auto slow = t.spawn(a, 1);
    auto both = subscription_set::make(t.of(a), slow.who);
    CHECK(both->add("stream:3"));
    CHECK(both->add("source:7"));
    t.in_turn_of(by, [&](process& p) {
      process_access{p}.cast(slow.who, said{0, {}});
      CHECK(t.of(a).broadcast(p, "stream:3", fire, share(said{1, {}}), {.event_id = "e"}));
    });
    w.run();
    REQUIRE(t.of(a).count().overflows == 1);
    for (int i = 0; i < 2; ++i)
      CHECK(t.broadcast(by, "source:7", {1, {}}, fire, {.event_id = "e"}));
    CHECK(slow.numbers() == numbers{0, 1});
    CHECK(t.of(a).count().duplicates == 1);
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
  s.forget("2");
  s.forget("never seen");
  CHECK(s.is_first("2"));
}

}  // namespace beamline::pubsub::test
