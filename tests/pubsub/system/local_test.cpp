// Catalogue cases of one node: notes/distribution-test-catalogue.md, Phoenix.PubSub.

#include "pubsub/system/pubsub_node.hpp"

#include "supervision/partition_supervisor.hpp"

namespace beamline::pubsub::test {

namespace {

constexpr const char* one = "one@sim";

std::vector<system_options> of_pool(std::size_t size) {
  system_options o;
  o.pool_size = o.partitions = size;
  return {o};
}

}  // namespace

TEST_CASE("PS1 node_name returns the node name") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    CHECK(c.of(one).node_name() == one);
  });
}

TEST_CASE("PS2 subscribe and unsubscribe leave one entry in between and none after") {
  for (std::size_t pool : {1, 8})
    for_each_seed(5, [=](world& w) {
      pubsub_cluster c{w};
      c.start_all(of_pool(pool));
      auto s = c.spawn(one);
      CHECK(c.of(one).subscribers("topic") == 0);
      auto entry = c.of(one).subscribe(s.who, "topic");
      REQUIRE(entry);
      CHECK((*entry)->options().metadata == nullptr);
      CHECK((*entry)->subscriber() == s.who);
      CHECK((*entry)->topic() == "topic");
      CHECK(c.of(one).subscribers("topic") == 1);
      CHECK(c.of(one).unsubscribe(s.who, "topic") == 1);
      CHECK(c.of(one).subscribers("topic") == 0);
      CHECK(c.of(one).count().subscriptions == 0);
      CHECK(c.of(one).count().topics == 0);
    });
}

TEST_CASE("PS3 broadcast reaches a subscriber that is the sender, once") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    auto s = c.subscriber(one, "topic");
    CHECK(c.broadcast(s, "topic", {1, "hello"}));
    CHECK(s.is_told->all == std::vector<said>{{1, "hello"}});
  });
}

TEST_CASE("PS4 broadcast does not reach subscribers of other topics") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster c{w};
    c.start_all(of_pool(4));
    auto other = c.subscriber(one, "unknown");
    std::vector<someone> all;
    for (int i = 0; i < 11; ++i)
      all.push_back(c.subscriber(one, "topic"));
    CHECK(c.broadcast(other, "topic", {1, {}}));
    CHECK(other.numbers().empty());
    for (const auto& s : all)
      CHECK(s.numbers() == numbers{1});
  });
}

TEST_CASE("PS5 broadcast_from skips all entries of the sender") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    auto s = c.subscriber(one, "topic");
    REQUIRE(c.of(one).subscribe(s.who, "topic"));
    auto other = c.subscriber(one, "topic");
    c.in_turn_of(s, [&](process& p) {
      CHECK(c.of(one).broadcast_from(p, "topic", topic_class::fire_and_forget, share(said{1, {}}), {}));
    });
    w.run();
    CHECK(s.numbers().empty());
    CHECK(other.numbers() == numbers{1});
  });
}

TEST_CASE("PS6 unsubscribe of a topic one is not subscribed to does nothing") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    auto s = c.spawn(one);
    CHECK(c.of(one).unsubscribe(s.who, "topic") == 0);
    CHECK(c.of(one).count().subscriptions == 0);
  });
}

TEST_CASE("PS7 direct_broadcast to the own node is received") {
  for (std::size_t pool : {1, 8})
    for_each_seed(5, [=](world& w) {
      pubsub_cluster c{w};
      c.start_all(of_pool(pool));
      auto s = c.subscriber(one, "topic");
      c.in_turn_of(s, [&](process& p) {
        auto& main = c.of(one);
        CHECK(
            main.direct_broadcast(p, main.node_name(), "topic", topic_class::fire_and_forget, share(said{1, {}}), {}));
        CHECK(main.direct_broadcast(p, "nobody@sim", "topic", topic_class::fire_and_forget, share(said{2, {}}), {}));
      });
      w.run();
      CHECK(s.numbers() == numbers{1});
    });
}

TEST_CASE("PS8 local_broadcast is received") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    auto s = c.subscriber(one, "topic");
    c.in_turn_of(s, [&](process& p) {
      CHECK(c.of(one).local_broadcast(p, "topic", topic_class::fire_and_forget, share(said{1, {}}), {}));
    });
    w.run();
    CHECK(s.numbers() == numbers{1});
  });
}

TEST_CASE("PS9 local_broadcast_from skips the sender") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster c{w};
    c.start_all();
    auto s = c.subscriber(one, "topic");
    auto other = c.subscriber(one, "topic");
    c.in_turn_of(s, [&](process& p) {
      CHECK(c.of(one).local_broadcast_from(p, "topic", topic_class::fire_and_forget, share(said{1, {}}), {}));
    });
    w.run();
    CHECK(s.numbers().empty());
    CHECK(other.numbers() == numbers{1});
  });
}

TEST_CASE("PS10 the pool is separate from the partitions, and all have stable names") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster c{w};
    system_options o;
    o.pool_size = 4;
    o.partitions = 2;
    auto& n = c.start(one, {o});
    CHECK(supervision::partition_count(n.env(), "pubsub:main:partitions").value() == 2);
    CHECK(supervision::partition_count(n.env(), "pubsub:main:pool").value() == 4);
    CHECK(n.processes().whereis("pubsub:main") != 0);
    CHECK(c.of(one).about().partitions == 2);
    CHECK(c.of(one).about().pool_size == 4);
  });
}

TEST_CASE("PS11 a system without a name is refused, and says so") {
  CHECK_THROWS_WITH_AS((void)child_system(named("")),
                       "PubSub system: name is empty, expected a name: systems of the same name on different nodes are "
                       "one",
                       std::invalid_argument);
}

TEST_CASE("PS12 a pool that nobody could send to is refused, and says so") {
  system_options o;
  o.pool_size = 0;
  CHECK_THROWS_WITH_AS((void)child_system(o), "PubSub system: pool_size is 0, expected 1 to 1024",
                       std::invalid_argument);
  o.pool_size = 1;
  o.subscriptions_max = 0;
  CHECK_THROWS_WITH_AS((void)child_system(o), "PubSub system: subscriptions_max is 0, expected 1 to 524288",
                       std::invalid_argument);
  o = {};
  o.dispatchers.emplace("fast", nullptr);
  CHECK_THROWS_AS((void)child_system(o), std::invalid_argument);
}

}  // namespace beamline::pubsub::test
