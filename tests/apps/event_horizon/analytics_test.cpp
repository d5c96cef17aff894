#include "apps/event_horizon/analytics.hpp"

#include "apps/event_horizon/events.hpp"
#include "apps/support.hpp"
#include "apps/tab.hpp"

#include <map>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::blog_stats;
using accumulator::event_outcome;
using accumulator::write_answer;
using testing::simulated_node;
using testing::world;

namespace {

peer_info linked_peer(std::string name, std::string role) {
  peer_info p;
  p.identity = {std::move(name), 1};
  p.role = std::move(role);
  return p;
}

/// Stands for the rpc process: answers as the test says, and counts.
class fake_rpc final : public process {
public:
  struct script {
    std::map<std::string, blog_stats> stats;  // Of get_blog_stats; other slugs: noconnection.
    std::function<bytes(const bytes&)> like;  // Of update_likes; null: never answered.
    std::map<std::string, int> asked;         // get_blog_stats by slug.
    std::vector<std::string> visits;          // Slug and visitor.
    int likes = 0;
    duration delay{};
  };
  fake_rpc(process_context& c, script& s) : process{c}, script_{s} {}
  behavior init() override {
    return handlers([this](const net::rpc::role_call& m) -> deferred {
      auto to = promise<net::rpc::wire_reply>();
      CHECK(m.role == "accumulator");
      run_after(script_.delay, [this, m, to] { answer(m, to); });
      return to;
    });
  }

private:
  void answer(const net::rpc::role_call& m, const reply_promise<net::rpc::wire_reply>& to) {
    if (m.procedure == accumulator::get_blog_stats::message_name) {
      auto slug = decode<accumulator::get_blog_stats>(m.arguments)->slug;
      ++script_.asked[slug];
      if (auto known = script_.stats.find(slug); known != script_.stats.end())
        to.set(net::rpc::to_wire(encode(known->second)));
      else
        to.fail(reason::noconnection());
    } else if (m.procedure == accumulator::increment_blog_visit::message_name) {
      auto visit = decode<accumulator::increment_blog_visit>(m.arguments).value();
      for (const auto& who : visit.visitors)
        script_.visits.push_back(visit.slug + " " + who);
      to.set(net::rpc::to_wire(encode(accumulator::write_answer{accumulator::event_outcome::applied})));
    } else {
      ++script_.likes;
      if (script_.like)
        to.set(net::rpc::to_wire(script_.like(m.arguments)));
      else
        kept_.push_back(to);
    }
  }

  script& script_;
  std::vector<reply_promise<net::rpc::wire_reply>> kept_;
};

/// A blog host whose surroundings are scripted.
struct host {
  explicit host(world& the_world, event_horizon_options o = {}) : w{the_world}, of{n.get(), two_posts(), std::move(o)} {
    n.env().provide(of);
    rpc = n.spawn<fake_rpc>(script);
    start_topics(n);
    teller = n.spawn<announcer>();
  }
  ~host() { w.crash_node(n); }

  void start() {
    hub = n.spawn<analytics>(analytics::parts{of, rpc});
    w.run();
  }
  void tell(const blog_stats& s) { tell(accumulator::blog_topic(s.slug).name(), s); }
  void tell(std::string topic, const blog_stats& s) { n.cast(teller, announce{std::move(topic), s}); }
  [[nodiscard]] std::size_t subscribers(std::string_view topic) {
    return pubsub::system_of(n.env()).subscribers(topic);
  }
  pid open(shown_page& page, std::string slug = "hello", std::string visitor = "visitor_1") {
    return n.spawn<tab>(tab::setup{std::move(slug), std::move(visitor), page});
  }

  world& w;
  simulated_node& n = with_calls(w).start_node("host_1@sim");
  fake_rpc::script script;
  blog of;
  pid rpc, teller, hub;
};

}  // namespace

TEST_CASE("at the start analytics subscribes to every post and asks for its numbers") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
    h.start();
    w.advance(1s);
    CHECK(h.subscribers("stats:blog:second") == 1);
    CHECK(h.subscribers("stats:blog:hello") == 1);
    CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
    CHECK(h.of.stats("second") == std::optional{post_stats{0, 0}});
    CHECK(h.script.asked["hello"] == 1);
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
    auto tries = h.script.asked["hello"] + h.script.asked["second"];
    CHECK(tries > 5);
    CHECK(tries < 60);
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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
  h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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
    h.script.stats = {{"hello", {"hello", 1, 1}}, {"second", {"second", 0, 0}}};
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
  h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
  h.start();
  w.advance(1s);
  for (const auto& wrong : {blog_stats{"second", 99, 98}, blog_stats{"hello", -1, 99}, blog_stats{"hello", 1, -1}}) {
    h.tell("stats:blog:hello", wrong);
    w.advance(1s);
  }
  h.tell("stats:site", {"hello", 99, 99});
  h.tell("stats:blog:unknown", {"unknown", 1, 1});
  w.advance(1s);
  CHECK(h.n.is_alive(h.hub));
  CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
  CHECK(h.of.stats("second") == std::optional{post_stats{0, 0}});
}

TEST_CASE("views are told of changes of their post until they end") {
  testing::for_each_seed(50, [](world& w) {
    auto h = host{w};
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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
    h.script.stats = {{"hello", {"hello", 1, 1}}, {"second", {"second", 0, 0}}};
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
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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
  h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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

TEST_CASE("a like that gets no sensible answer is reported to its visitor and not shown") {
  auto reply = std::optional<bytes>{};
  std::string expected = "timeout";
  SUBCASE("none at all") {}
  SUBCASE("garbage") {
    reply = "\xff\xff";
    expected = "corrupt";
  }
  SUBCASE("about another post") {
    reply = encode(write_answer{event_outcome::applied, "", blog_stats{"second", 1, 1}});
    expected = "corrupt";
  }
  SUBCASE("without numbers") {
    reply = encode(write_answer{event_outcome::applied});
    expected = "corrupt";
  }
  SUBCASE("that it has to be tried again") {
    reply = encode(write_answer{event_outcome::retry, "busy: later"});
    expected = "busy";
  }
  SUBCASE("that it was refused") {
    reply = encode(write_answer{event_outcome::rejected, "too_many: likes"});
    expected = "denied";
  }
  testing::for_each_seed(20, [&](world& w) {
    auto h = host{w};
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
    if (reply)
      h.script.like = [&](const bytes&) { return *reply; };
    auto outcomes = std::vector<std::string>{};
    auto probe = h.n.events().attach<like_done>([&](const like_done& e) { outcomes.emplace_back(e.outcome); });
    h.start();
    auto page = shown_page{};
    auto t = h.open(page);
    w.advance(1s);
    h.n.cast(t, press{"true"});
    w.advance(10s);
    CHECK(h.script.likes == 1);  // Never repeated by itself.
    REQUIRE(outcomes.size() == 1);
    CHECK(outcomes.front() == expected);
    CHECK(page.has_error());
    CHECK(contains(page.html, like_failed_text));
    CHECK_FALSE(page.is_pressed());
    CHECK(page.likes() == "3");
  });
}

TEST_CASE("one like under way too many is refused at once") {
  auto w = world{};
  auto h = host{w, {.likes_max = 1}};
  h.start();
  auto outcomes = std::vector<std::string>{};
  auto note = [&](const result<like_answer>& r) { outcomes.emplace_back(r ? "ok" : to_string(r.error().code)); };
  h.of.like({"hello", "visitor_1", true}, note);
  h.of.like({"hello", "visitor_2", true}, note);
  w.run();
  CHECK(outcomes == std::vector<std::string>{"busy"});
  w.advance(10s);
  CHECK(outcomes == std::vector<std::string>{"busy", "timeout"});
}

TEST_CASE("likes that cannot be are refused before anybody is asked") {
  auto w = world{};
  auto h = host{w};
  auto outcomes = std::vector<std::string>{};
  auto note = [&](const result<like_answer>& r) { outcomes.emplace_back(r ? "ok" : to_string(r.error().code)); };
  h.of.like({"hello", "visitor_1", true}, note);  // Analytics does not run yet.
  h.start();
  h.of.like({"unknown", "visitor_1", true}, note);
  h.of.like({"hello", "", true}, note);
  h.of.like({"hello", "' OR 1=1", true}, note);
  CHECK(outcomes == std::vector<std::string>{"unavailable", "not_found", "invalid", "invalid"});
  w.advance(1s);
  CHECK(h.script.likes == 0);
}

TEST_CASE("a node has one analytics process") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto second = h.n.spawn<analytics>(analytics::parts{h.of, h.rpc});
  w.run();
  CHECK_FALSE(h.n.is_alive(second));
  CHECK(h.n.is_alive(h.hub));
}

TEST_CASE("the view of a post that is not there sends the browser to the index") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto page = shown_page{};
  h.open(page, "unknown");
  w.run();
  CHECK(page.redirect == "/blog");
}

TEST_CASE("a view is not subscribed by the first render, without a connection") {
  auto w = world{};
  auto h = host{w};
  h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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

TEST_CASE("a connected view counts a visit, the first render without a connection does not") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto page = shown_page{};
  h.n.spawn<tab>(tab::setup{"hello", "visitor_1", page, false});
  w.advance(1s);
  CHECK(h.script.visits.empty());
  h.open(page, "second", "visitor_2");
  h.open(page, "unknown", "visitor_2");
  h.open(page, "hello", "");  // Whose session brings no visitor.
  w.advance(1s);
  CHECK(h.script.visits == std::vector<std::string>{"second visitor_2"});
  h.of.visit("unknown", "visitor_2");
  h.of.visit("hello", "' OR 1=1");
  w.advance(1s);
  CHECK(h.script.visits.size() == 1);
}

TEST_CASE("a broadcast that does not follow the last one known makes the host ask, but not again and again") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
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
