// Numbers: what is heard, what is asked for, who is told.

#include "apps/event_horizon/analytics.hpp"

#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/host.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::blog_stats;
using accumulator::site_stats;
using testing::world;

namespace {

/// Subscribes to the site as a view does.
class site_viewer final : public process {
public:
  site_viewer(process_context& c, std::vector<site_numbers>& heard) : process{c}, heard_{heard} {}

private:
  behavior init() override {
    call<watch_site_answer>(pid{env().self(), std::string{analytics_name}}, watch_site{self()}, 1s)
        .then(
            [this](const watch_site_answer& a) {
              if (a.now)
                heard_.push_back(*a.now);
            },
            [](const call_error&) {});
    return handlers([this](const site_updated& m) { heard_.push_back(m.now); });
  }
  std::vector<site_numbers>& heard_;
};

/// Broadcasts numbers of the site.
class site_announcer final : public process {
public:
  site_announcer(process_context& c, site_stats s) : process{c}, stats_{s} {}

private:
  behavior init() override {
    pubsub::broadcast_options o{.version = static_cast<std::uint64_t>(stats_.version)};
    CHECK(pubsub::system_of(env()).broadcast(*this, accumulator::site_topic(), stats_, o));
    stop();
    return handlers();
  }
  site_stats stats_;
};

}  // namespace

TEST_CASE("numbers whose broadcast never came are asked for once in a while, and shown") {
  testing::for_each_seed(10, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.start();
    w.advance(1s);
    // Its owner committed this, and ended before it told anybody; the link stayed.
    h.script.stats["hello"] = {"hello", 4, 10};
    w.advance(50s);
    CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
    w.advance(10s);
    CHECK(h.of.stats("hello") == std::optional{post_stats{4, 10}});
    CHECK(h.script.asked["hello"] == 2);
  });
}

TEST_CASE("at the start analytics subscribes to every post and asks for its numbers") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.start();
    w.advance(1s);
    CHECK(h.subscribers("stats:blog:second") == 1);
    CHECK(h.subscribers("stats:blog:hello") == 1);
    CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
    CHECK(h.of.stats("second") == std::optional{post_stats{0, 0}});
    CHECK(h.script.asked["hello"] == 1);
    CHECK(h.subscribers("stats:site") == 1);
    CHECK(h.script.asked[""] == 1);
  });
}

TEST_CASE("while the accumulator is away it is asked now and then, and found when it comes back") {
  bool is_linked = false;
  SUBCASE("by itself") {}
  SUBCASE("at once when a link to it comes up") { is_linked = true; }
  testing::for_each_seed(30, [&](world& w) {
    auto h = host{w};
    h.start();
    w.advance(10min);
    CHECK_FALSE(h.of.stats("hello").has_value());
    auto tries = h.script.asked["hello"] + h.script.asked["second"] + h.script.asked[""];
    CHECK(tries > 5);
    CHECK(tries < 60);
    h.know_posts();
    if (is_linked) {
      h.n.cast(h.hub, node_up{linked_peer("accumulator_1@sim", "accumulator")});
      w.advance(100ms);
    } else {
      w.advance(31s);
    }
    CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
    CHECK(h.of.stats("second").has_value());
  });
}

TEST_CASE("a link to a node of another role is no reason to ask") {
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.start();
  w.advance(1s);
  h.n.cast(h.hub, node_up{linked_peer("host_2@sim", "event_horizon")});
  h.n.cast(h.hub, node_down{linked_peer("host_2@sim", "event_horizon"), "gone"});
  w.advance(1s);
  CHECK(h.script.asked["hello"] == 1);
}

TEST_CASE("SY21 an older version never replaces a newer one, whichever way it comes") {
  testing::for_each_seed(100, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.script.stats["hello"] = {"hello", 1, 1};
    h.start();
    auto page = shown_page{};
    h.open(page);
    auto random = seeded_random{w.seed()};
    std::int64_t newest = 1;
    for (int i = 0; i < 20; ++i) {
      auto version = static_cast<std::int64_t>(1 + random.below(50));
      newest = std::max(newest, version);
      h.tell({"hello", version * 10, version});
      if (random.below(4) == 0)
        h.n.cast(h.hub, node_up{linked_peer("accumulator_1@sim", "accumulator")});  // Answered with version 1.
      if (random.below(2) == 0)
        w.advance(1ms);
    }
    w.advance(1s);
    CHECK(h.of.stats("hello")->version == newest);
    CHECK(page.likes() == std::to_string(newest == 1 ? h.of.stats("hello")->likes : newest * 10));
  });
}

TEST_CASE("a view keeps the newest numbers it was told, and ignores those of another post") {
  auto w = world{};
  auto h = host{w};
  auto page = shown_page{};
  auto t = h.open(page);
  for (auto told : {stats_updated{"hello", {5, 7}}, stats_updated{"hello", {4, 6}}, stats_updated{"hello", {9, 7}},
                    stats_updated{"second", {99, 99}}})
    h.n.cast(t, stats_updated{told});
  w.run();
  CHECK(page.likes() == "5");
}

TEST_CASE("broadcasts that make no sense are dropped and disturb nobody") {
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.start();
  w.advance(1s);
  for (const auto& wrong : {blog_stats{"second", 99, 98}, blog_stats{"hello", -1, 99}, blog_stats{"hello", 1, -1}}) {
    h.tell("stats:blog:hello", wrong);
    w.advance(1s);
  }
  h.tell("stats:blog:unknown", {"unknown", 1, 1});
  w.advance(1s);
  CHECK(h.n.is_alive(h.hub));
  CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
  CHECK(h.of.stats("second") == std::optional{post_stats{0, 0}});
}

TEST_CASE("views are told of changes of their post until they end") {
  testing::for_each_seed(50, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.start();
    auto told = std::vector<std::uint64_t>{};
    auto probe = h.n.events().attach<stats_learned>([&](const stats_learned& e) { told.push_back(e.views); });
    auto one = shown_page{};
    auto two = shown_page{};
    auto other = shown_page{};
    auto first = h.open(one);
    auto second = h.open(two);
    h.open(other, "second");
    w.advance(1s);
    CHECK(one.likes() == "3");
    told.clear();
    h.tell({"hello", 4, 10});
    w.advance(1s);
    CHECK(one.likes() == "4");
    CHECK(two.likes() == "4");
    CHECK(other.likes() == "0");
    h.n.cast(first, close_tab{});
    w.run();
    h.tell({"hello", 5, 11});
    w.run();
    h.n.kill(second);
    w.run();
    h.tell({"hello", 6, 12});
    w.advance(1s);
    CHECK(one.likes() == "4");
    CHECK(two.likes() == "5");
    CHECK(told == std::vector<std::uint64_t>{2, 1, 0});
  });
}

TEST_CASE("a view opened while the number changes ends up with the newest") {
  testing::for_each_seed(200, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.script.stats["hello"] = {"hello", 1, 1};
    h.start();
    auto pages = std::vector<shown_page>(5);
    for (std::int64_t v = 2; v <= 6; ++v) {
      h.tell({"hello", v, v});
      h.open(pages[static_cast<std::size_t>(v - 2)]);
    }
    w.advance(1s);
    for (const auto& page : pages)
      CHECK(page.likes() == "6");
  });
}

TEST_CASE("a view that mounts before analytics runs is subscribed once it does") {
  testing::for_each_seed(20, [](world& w) {
    auto h = host{w};
    h.know_posts();
    auto page = shown_page{};
    h.open(page);
    w.advance(5s);
    CHECK(page.likes() == "–");
    h.start();
    w.advance(31s);
    CHECK(page.likes() == "3");
    h.tell({"hello", 4, 10});
    w.advance(1s);
    CHECK(page.likes() == "4");
  });
}

TEST_CASE("one subscriber too many shows its page without updates") {
  auto w = world{};
  auto h = host{w, {.subscribers_max = 1}};
  h.know_posts();
  h.start();
  w.advance(1s);
  auto one = shown_page{};
  auto two = shown_page{};
  auto first = h.open(one);
  w.advance(1s);
  h.open(two);
  w.advance(1s);
  h.tell({"hello", 4, 10});
  w.advance(1s);
  CHECK(one.likes() == "4");
  CHECK(two.likes() == "3");
  SUBCASE("and makes room when it ends") {
    h.n.cast(first, close_tab{});
    w.run();
    auto three = shown_page{};
    h.open(three);
    w.advance(1s);
    h.tell({"hello", 5, 11});
    w.advance(1s);
    CHECK(three.likes() == "5");
  }
}

TEST_CASE("the view of a post that is not there sends the browser to the index") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto page = shown_page{};
  h.open(page, "unknown");
  w.run();
  CHECK(page.redirect == "/not-found");
}

TEST_CASE("a view is not subscribed by the first render, without a connection") {
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.start();
  w.advance(1s);
  auto page = shown_page{};
  h.n.spawn<tab>(tab::setup{"hello", "visitor_1", page, false});
  w.run();
  CHECK(page.likes() == "3");
  h.tell({"hello", 4, 10});
  w.advance(1s);
  CHECK(page.likes() == "3");
}

TEST_CASE("a broadcast that does not follow the last one known makes the host ask, but not again and again") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.start();
    w.advance(1s);
    REQUIRE(h.script.asked["hello"] == 1);
    h.tell({"hello", 4, 10, 0, 0, 0, 9});
    w.advance(1s);
    CHECK(h.script.asked["hello"] == 1);
    h.script.stats["hello"] = {"hello", 7, 15};
    h.tell({"hello", 6, 13, 0, 0, 0, 12});
    w.advance(100ms);
    CHECK(h.script.asked["hello"] == 2);
    CHECK(h.of.stats("hello")->version == 15);
    for (std::int64_t v = 20; v < 40; v += 2) {
      h.tell({"hello", v, v, 0, 0, 0, v - 1});
      w.advance(10ms);
    }
    CHECK(h.script.asked["hello"] <= 3);
    w.advance(2s);
    CHECK(h.of.stats("hello")->version == 38);
  });
}

TEST_CASE("the numbers of the site are asked for, heard, and told to those who watch them") {
  testing::for_each_seed(50, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.start();
    w.advance(1s);
    CHECK(h.of.site() == std::optional{site_numbers{10, 3, 0, 20}});
    auto heard = std::vector<site_numbers>{};
    auto viewer = h.n.spawn<site_viewer>(heard);
    w.run();
    h.n.spawn<site_announcer>(site_stats{11, 3, 0, 21, 20});
    w.run();
    h.n.spawn<site_announcer>(site_stats{1, 1, 1, 5, 4});  // Late.
    w.run();
    CHECK(heard == std::vector<site_numbers>{{10, 3, 0, 20}, {11, 3, 0, 21}});
    CHECK(h.of.site()->version == 21);
    CHECK(h.script.asked[""] == 1);
    SUBCASE("until they end") {
      h.n.kill(viewer);
      w.run();
      h.n.spawn<site_announcer>(site_stats{12, 3, 0, 22, 21});
      w.run();
      CHECK(heard.size() == 2);
      CHECK(h.of.site()->version == 22);
    }
    SUBCASE("and after a gap they are asked for again") {
      h.script.site = site_stats{30, 3, 0, 40};
      h.n.spawn<site_announcer>(site_stats{28, 3, 0, 38, 37});
      w.advance(1s);
      CHECK(h.script.asked[""] == 2);
      CHECK(heard.back() == site_numbers{30, 3, 0, 40});
    }
    SUBCASE("and when an accumulator is linked") {
      h.script.site = site_stats{30, 3, 0, 40};
      h.link();
      w.advance(1s);
      CHECK(h.of.site()->version == 40);
    }
    SUBCASE("but not what makes no sense") {
      h.n.spawn<site_announcer>(site_stats{-1, 3, 0, 99, 21});
      w.advance(1s);
      CHECK(h.n.is_alive(h.hub));
      CHECK(h.of.site()->version == 21);
    }
  });
}

TEST_CASE("a node has one process of each kind") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto again = start_blog(h.n, h.of, h.rpc);
  w.run();
  for (const auto& p : {again.numbers, again.discussions, again.submissions, again.backlog})
    CHECK_FALSE(h.n.is_alive(p));
  for (const auto& p : {h.all.numbers, h.all.discussions, h.all.submissions, h.all.backlog})
    CHECK(h.n.is_alive(p));
}
