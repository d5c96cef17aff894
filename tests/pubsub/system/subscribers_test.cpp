// Who is told what, and for how long: D106-D110; and how topics are named.

#include "pubsub/system/pubsub_node.hpp"

#include <string>
#include <type_traits>

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr auto fire = topic_class::fire_and_forget;

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

// -- topics -------------------------------------------------------------------------------------------------

namespace {

constexpr topic_name<said, topic_class::last_value> of_site{"stats:site"};
constexpr topic_family<said> of_blog{"stats:blog"};
constexpr topic_family<said, std::uint64_t> of_workflow{"workflow"};
constexpr topic_subfamily<said, std::uint64_t, std::string> of_step{"workflow", "step"};

struct unsaid {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(unsaid, "test.unsaid", 1, number)
};

template <class Topics, class... Keys>
concept names_a_topic = requires(const Topics& all, const Keys&... keys) {
  all(keys...);
};
template <class Topic, class M>
concept takes = requires(system& main, process& from, const Topic& t, M m) {
  main.broadcast(from, t, m);
};

using blog_topic = decltype(of_blog(""));
using workflow_topic = decltype(of_workflow(0));

// What nobody at a topic expects does not compile, nor does a topic whose parts are not all there, or others.
static_assert(takes<blog_topic, said>);
static_assert(!takes<blog_topic, unsaid>);
static_assert(!takes<blog_topic, std::string>);
static_assert(takes<workflow_topic, said>);
static_assert(!takes<workflow_topic, unsaid>);
static_assert(!takes<decltype(of_site()), unsaid>);
static_assert(names_a_topic<decltype(of_site)>);
static_assert(!names_a_topic<decltype(of_site), std::string>);
static_assert(names_a_topic<decltype(of_blog), std::string>);
static_assert(!names_a_topic<decltype(of_blog)>);
static_assert(!names_a_topic<decltype(of_blog), int>);
static_assert(!names_a_topic<decltype(of_blog), std::string, std::string>);
static_assert(names_a_topic<decltype(of_workflow), std::uint64_t>);
static_assert(!names_a_topic<decltype(of_workflow)>);
static_assert(!names_a_topic<decltype(of_workflow), std::string>);
static_assert(names_a_topic<decltype(of_step), std::uint64_t, std::string>);
static_assert(!names_a_topic<decltype(of_step), std::uint64_t>);
static_assert(!names_a_topic<decltype(of_step), std::string, std::uint64_t>);
// Two topics of one name that carry different things are different types.
static_assert(!std::is_same_v<topic<said>, topic<unsaid>>);
static_assert(!std::is_same_v<topic<said>, topic<said, topic_class::last_value>>);

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
