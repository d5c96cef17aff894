// What becomes of a subscriber that does not keep up.

#include "pubsub/system/overflows.hpp"
#include "pubsub/system/pubsub_node.hpp"

#include "actors/process_access.hpp"

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr auto fire = topic_class::fire_and_forget;

}  // namespace

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

TEST_CASE("a wake-up that is owed is not forgotten with the process that would repeat it") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    auto slow = t.spawn(a, 1);
    REQUIRE(t.of(a).subscribe(slow.who, "topic", {.how = delivery::signal}));
    t.in_turn_of(by, [&](process& p) {
      process_access{p}.cast(slow.who, said{0, {}});
      CHECK(t.of(a).broadcast(p, "topic", fire, share(said{7, {}}), {}));
    });
    w.run();
    REQUIRE(t.of(a).count().overflows == 1);
    for (const auto& info : t.at(a).processes().list(w.now()))
      if (info.kind.ends_with("partition_process"))
        t.at(a).kill(pid{t.at(a).env().self(), info.id});
    w.advance(2 * signal_retry);
    CHECK(slow.numbers() == numbers{0, 7});
    CHECK(slow.is_told->wakes == 1);
  });
}

}  // namespace beamline::pubsub::test
