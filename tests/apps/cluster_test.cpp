// The two applications on two nodes: the real processes of both, over a simulated link.

#include "apps/blog_parts.hpp"
#include "apps/tab.hpp"
#include "net/linked_nodes.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

struct two_nodes {
  explicit two_nodes(world& the_world)
      : w{with_calls(the_world)},
        net{w, {"host_1@sim", "accumulator_1@sim"}, testing::patient_links()},
        of{host.get(), two_posts(), {}} {
    net.join(host, "event_horizon");
    start_host(host, of);
    start_accumulator();
    net.connect(host, *counting);
  }
  ~two_nodes() { w.crash_node(host); }

  void start_accumulator() {
    counting = &w.start_node("accumulator_1@sim");
    net.join(*counting, "accumulator");
    parts = std::make_unique<accumulator_parts>(w, *counting);
  }
  pid open(shown_page& page, std::string visitor) {
    return host.spawn<tab>(tab::setup{"hello", std::move(visitor), page});
  }
  [[nodiscard]] bool settles(const std::function<bool()>& condition) { return w.run_until(condition, 60s); }

  world& w;
  linked_nodes net;
  simulated_node& host = w.start_node("host_1@sim");
  blog of;
  simulated_node* counting = nullptr;
  std::unique_ptr<accumulator_parts> parts;
};

}  // namespace

TEST_CASE("a press in one tab shows in both, and as pressed only in its own visitor's") {
  testing::for_each_seed(60, [](world& w) {
    auto c = two_nodes{w};
    auto mine = shown_page{};
    auto theirs = shown_page{};
    auto tab_of_mine = c.open(mine, "visitor_1");
    c.open(theirs, "visitor_2");
    REQUIRE(c.settles([&] { return mine.likes() == "0" && theirs.likes() == "0"; }));
    w.advance(1s);  // Their visits are counted, and told.
    CHECK(c.of.stats("hello")->visits == 2);
    theirs.diffs.clear();

    c.host.cast(tab_of_mine, press{"true"});
    REQUIRE(c.settles([&] { return mine.likes() == "1" && theirs.likes() == "1" && mine.is_pressed(); }));
    CHECK_FALSE(theirs.is_pressed());
    CHECK_FALSE(mine.has_error());
    // One change, one diff, one value in it.
    w.advance(1s);
    CHECK(theirs.diffs.size() == 1);
    CHECK(theirs.diffs.back().ends_with(R"(":"1"})"));
    CHECK(theirs.diffs.back().size() < 12);

    c.host.cast(tab_of_mine, press{"true"});  // The same press, sent twice.
    w.advance(1s);
    CHECK(mine.likes() == "1");
    c.host.cast(tab_of_mine, press{"false"});
    REQUIRE(c.settles([&] { return mine.likes() == "0" && theirs.likes() == "0" && !mine.is_pressed(); }));

    auto later = shown_page{};
    c.host.cast(tab_of_mine, press{""});  // Without the field: the other way round.
    REQUIRE(c.settles([&] { return mine.is_pressed(); }));
    c.open(later, "visitor_1");
    w.advance(1s);
    CHECK(later.is_pressed());
    CHECK(later.likes() == "1");
  });
}

TEST_CASE("while the accumulator is out of reach likes wait and show as liked, and afterwards the number is right") {
  testing::for_each_seed(60, [](world& w) {
    auto c = two_nodes{w};
    auto page = shown_page{};
    auto t = c.open(page, "visitor_1");
    REQUIRE(c.settles([&] { return page.likes() == "0"; }));
    w.advance(1s);  // Its visit is counted.
    CHECK(c.of.waiting() == waiting_state{0, true});

    c.net.cut(c.host, *c.counting);
    c.host.cast(t, press{"true"});
    REQUIRE(c.settles([&] { return page.is_pressed(); }));
    CHECK_FALSE(page.has_error());
    CHECK(page.likes() == "0");
    w.advance(300ms);
    CHECK(c.of.waiting() == waiting_state{1, false});
    // Meanwhile somebody else likes the post through another host; the broadcast does not get here.
    (void)tell_accumulator(w, c.parts->rpc, accumulator::update_likes{"hello", "visitor_9", true});
    w.advance(1s);
    CHECK(page.likes() == "0");

    c.net.connect(c.host, *c.counting);
    REQUIRE(c.settles([&] { return page.likes() == "2"; }));
    CHECK(page.is_pressed());
    REQUIRE(c.settles([&] { return c.of.waiting() == waiting_state{0, true}; }));
  });
}

TEST_CASE("a link that breaks at any moment of a press loses nothing and counts nothing twice") {
  testing::for_each_seed(150, [](world& w) {
    auto c = two_nodes{w};
    auto page = shown_page{};
    auto t = c.open(page, "visitor_1");
    REQUIRE(c.settles([&] { return page.likes() == "0"; }));
    auto random = seeded_random{w.seed()};
    c.net.double_all(random.below(2) == 0);
    c.host.cast(t, press{"true"});
    w.advance(duration{static_cast<std::int64_t>(random.below(12'000'000))});
    if (random.below(2) == 0) {
      c.net.shake(c.host, *c.counting);
    } else {
      c.net.cut(c.host, *c.counting);
      w.advance(duration{static_cast<std::int64_t>(random.below(3'000'000'000))});
    }
    c.net.connect(c.host, *c.counting);
    REQUIRE(c.settles([&] { return page.likes() == "1" && page.is_pressed(); }));
    CHECK_FALSE(page.has_error());
    w.advance(1s);
    CHECK(page.likes() == "1");
  });
}

TEST_CASE("an accumulator that dies and comes back has the numbers, and the hosts hear of it") {
  testing::for_each_seed(30, [](world& w) {
    auto c = two_nodes{w};
    auto page = shown_page{};
    auto t = c.open(page, "visitor_1");
    REQUIRE(c.settles([&] { return page.likes() == "0"; }));
    c.host.cast(t, press{"true"});
    REQUIRE(c.settles([&] { return page.likes() == "1"; }));

    c.net.cut(c.host, *c.counting);
    c.parts.reset();
    c.host.cast(t, press{"false"});
    REQUIRE(c.settles([&] { return !page.is_pressed(); }));
    CHECK(page.likes() == "1");
    CHECK_FALSE(page.has_error());
    c.start_accumulator();
    c.net.connect(c.host, *c.counting);
    REQUIRE(c.settles([&] { return page.likes() == "0"; }));
    c.host.cast(t, press{"true"});
    REQUIRE(c.settles([&] { return page.likes() == "1" && page.is_pressed() && !page.has_error(); }));
  });
}

TEST_CASE("a host knows who is linked, and which of them it asks: by role, or by the beginning of the name") {
  auto w = world{};
  auto by = cluster::owners{"blue_"};
  auto t = two_nodes{w};
  const auto here = [&] { return cluster::status(t.host.env()); };
  REQUIRE(t.settles([&] { return here().connected; }));
  CHECK(here().nodes == std::vector<std::string>{"accumulator_1@sim"});
  CHECK(here().remote == here().nodes);
  t.host.env().provide(by);
  CHECK_FALSE(here().connected);
  CHECK(here().remote.empty());
  CHECK(here().nodes.size() == 1);
  by.remote_prefix = "accumulator_";
  CHECK(here().remote == std::vector<std::string>{"accumulator_1@sim"});
  t.net.cut(t.host, *t.counting);
  REQUIRE(t.settles([&] { return !here().connected; }));
  CHECK(here() == cluster::cluster_status{});
}
