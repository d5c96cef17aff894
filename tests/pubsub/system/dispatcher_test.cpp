// Other ways to hand a message to the subscribers: D112-D114, D121.

#include "pubsub/system/overflows.hpp"
#include "pubsub/system/pubsub_node.hpp"

#include "actors/process_access.hpp"

#include <stdexcept>

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr const char* b = "b@sim";
constexpr auto fire = topic_class::fire_and_forget;

/// Writes `number * factor` to each, and notes how it was called; the metadata is the factor.
class multiplying final : public dispatcher {
public:
  void dispatch(process& in, std::span<const entry> entries, const pid& from, const std::string& topic,
                const message& m) const override {
    calls.push_back(topic + " " + std::to_string(entries.size()) + (from ? " from" : ""));
    if (throws)
      throw std::runtime_error{"it cannot multiply"};
    for (const auto& e : entries) {
      const auto* factor = e.metadata_as<std::uint64_t>();
      process_access{in}.cast(e.subscriber, said{m.get_as<said>(0).number * (factor ? *factor : 1), {}});
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
    auto other = t.subscriber(b, "topic", {.metadata = std::make_shared<const std::string>("of another dispatcher")});
    auto woken = t.subscriber(b, "topic", {.how = delivery::signal});
    CHECK(t.broadcast(by, "topic", {10, {}}, fire, {.dispatcher = "multiply"}));
    CHECK(t.broadcast(by, "nobody", {10, {}}, fire, {.dispatcher = "multiply"}));
    t.settle();
    CHECK(by.numbers() == numbers{20});
    CHECK(local.numbers() == numbers{30});
    CHECK(remote.numbers() == numbers{50});
    CHECK(plain.numbers() == numbers{10});
    CHECK(other.numbers() == numbers{10});
    CHECK(woken.numbers() == numbers{10});
    CHECK(here->calls == std::vector<std::string>{"topic 2"});
    CHECK(there->calls == std::vector<std::string>{"topic 3"});
    t.in_turn_of(by, [&](process& p) {
      CHECK(t.of(a).broadcast_from(p, "topic", fire, share(said{11, {}}), {.dispatcher = "multiply"}));
    });
    t.settle();
    CHECK(by.numbers() == numbers{20});
    CHECK(here->calls.back() == "topic 1 from");
    CHECK(there->calls.back() == "topic 3");
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

}  // namespace beamline::pubsub::test
