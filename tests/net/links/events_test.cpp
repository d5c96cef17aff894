// What is told about nodes that come and go, to whom, and in which order.

#include "net/links/linked_cluster.hpp"

#include "net/events.hpp"
#include "net/link/relay_frame.hpp"

#include <functional>

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

/// Subscribes as it is told, and counts what it is told.
class subscriber final : public process {
public:
  struct seen {
    std::vector<std::string> ups, downs;
  };
  subscriber(process_context& c, std::vector<node_kinds> to, seen& s) : process{c}, kinds_{std::move(to)}, seen_{s} {}
  behavior init() override {
    for (auto k : kinds_)
      (void)env().peers().subscribe_with_snapshot(self(), k);
    return handlers([this](const node_up& e) { seen_.ups.push_back(e.peer.identity.name); },
                    [this](const node_down& e) { seen_.downs.push_back(e.peer.identity.name + " " + e.why); },
                    [this](const std::function<void(peers&, const pid&)>& f) { f(env().peers(), self()); });
  }

private:
  std::vector<node_kinds> kinds_;
  seen& seen_;
};

using order = std::function<void(peers&, const pid&)>;

simulated_links& start_hidden(linked_cluster& c, const std::string& name) {
  simulated_links_options o;
  o.links.is_hidden = true;
  auto& n = c.w.start_node(name);
  return *(c.links[name] = &simulated_links::start(n, {}, std::move(o)));
}

constexpr auto visible = node_kinds::visible, hidden = node_kinds::hidden, all = node_kinds::all;

}  // namespace

TEST_CASE("ED2 an idle link stays up, and a peer that stops ticking is given up within a quarter of the tick time") {
  testing::for_each_seed(30, [](world& w) {
    simulated_links_options o;
    o.links.tick_time = 12s;
    linked_cluster c{w, {"a@sim", "b@sim"}, o};
    w.advance(30s);
    CHECK(c.diaries["a@sim"].lines.size() == 1);
    CHECK(c.diaries["b@sim"].lines.size() == 1);
    w.pause_node(c.node("b@sim"), 60s);
    auto begin = w.now();
    REQUIRE(w.run_until([&] { return c.diaries["a@sim"].lines.size() == 2; }, 30s));
    CHECK(w.now() - begin >= 8s);
    CHECK(w.now() - begin <= 15s + 10ms);
  });
}

TEST_CASE("ED11 the reason tells who ended a link and how") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim", "c@sim", "d@sim"}, {}, false};
  w.advance(20ms);
  for (const auto* peer : {"b@sim", "c@sim", "d@sim"})
    c.links["a@sim"]->connect(peer);
  w.advance(100ms);
  subscriber::seen here, there;
  c.node("a@sim").spawn<subscriber>(std::vector{visible}, here);
  c.node("c@sim").spawn<subscriber>(std::vector{visible}, there);
  w.advance(10ms);
  w.crash_node(c.node("b@sim"));
  w.advance(50ms);
  CHECK(c.links["a@sim"]->links().disconnect("c@sim"));
  CHECK_FALSE(c.links["a@sim"]->links().disconnect("nobody@sim"));
  w.advance(50ms);
  w.pause_node(c.node("d@sim"), 1s);
  w.advance(400ms);
  CHECK(here.downs
        == std::vector<std::string>{"b@sim connection_closed", "c@sim disconnect", "d@sim net_tick_timeout"});
  CHECK(there.downs == std::vector<std::string>{"a@sim connection_closed"});
}

TEST_CASE("ED12 what a peer said about its end arrives with the event") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  std::string detail;
  struct reader final : process {
    reader(process_context& x, std::string& d) : process{x}, detail{d} {}
    behavior init() override {
      (void)env().peers().subscribe_with_snapshot(self());
      return handlers([this](const node_down& e) { detail = e.detail; });
    }
    std::string& detail;
  };
  c.node("a@sim").spawn<reader>(detail);
  w.advance(10ms);
  c.links["b@sim"]->close();
  w.advance(50ms);
  CHECK(detail == "the peer said goodbye: net_kernel_terminated, the node stops");
}

TEST_CASE(
    "ED13 subscribers are told of the kinds of nodes they asked for, and one end of subscription touches no other") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  auto& tool = start_hidden(c, "tool@sim");
  std::map<node_kinds, subscriber::seen> seen;
  std::map<node_kinds, pid> who;
  for (auto k : {visible, hidden, all})
    who[k] = c.node("a@sim").spawn<subscriber>(std::vector{k}, seen[k]);
  subscriber::seen both;
  auto twofold = c.node("a@sim").spawn<subscriber>(std::vector{visible, hidden}, both);
  w.advance(20ms);
  tool.connect("a@sim");
  c.links["b@sim"]->connect("a@sim");
  w.advance(100ms);
  CHECK(seen[visible].ups == std::vector<std::string>{"b@sim"});
  CHECK(seen[hidden].ups == std::vector<std::string>{"tool@sim"});
  CHECK(seen[all].ups.size() == 2);
  CHECK(both.ups.size() == 2);
  std::size_t ended = 9;
  c.node("a@sim").cast(twofold, order{[&](peers& p, const pid& self) { ended = p.unsubscribe(self, hidden); }});
  w.advance(10ms);
  CHECK(ended == 1);
  c.links["a@sim"]->links().disconnect("tool@sim");
  c.links["a@sim"]->links().disconnect("b@sim");
  w.advance(50ms);
  CHECK(both.downs == std::vector<std::string>{"b@sim disconnect"});
  CHECK(seen[hidden].downs == std::vector<std::string>{"tool@sim disconnect"});
  CHECK(seen[all].downs.size() == 2);
}

TEST_CASE("ED14 two subscriptions give two of each event, and one end of subscription ends both") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  subscriber::seen s;
  auto p = c.node("a@sim").spawn<subscriber>(std::vector{visible, visible}, s);
  w.advance(20ms);
  c.links["a@sim"]->connect("b@sim");
  w.advance(100ms);
  CHECK(s.ups.size() == 2);
  std::size_t ended = 0;
  c.node("a@sim").cast(p, order{[&](peers& to, const pid& self) { ended = to.unsubscribe(self, visible); }});
  w.advance(10ms);
  CHECK(ended == 2);
  c.links["a@sim"]->links().disconnect("b@sim");
  w.advance(50ms);
  CHECK(s.downs.empty());
}

TEST_CASE("ED15 what was never subscribed ends nothing") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  auto& links = c.links["a@sim"]->links();
  CHECK(links.unsubscribe(c.diarists["a@sim"], hidden) == 0);
  CHECK(links.unsubscribe(pid{}, all) == 0);
  w.advance(20ms);
  c.links["a@sim"]->connect("b@sim");
  w.advance(100ms);
  CHECK(c.diaries["a@sim"].lines.size() == 1);
}

TEST_CASE("ED16 subscriptions end with their processes, and all of one kind at once when it says so") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  subscriber::seen s, of_dead;
  auto dead = c.node("a@sim").spawn<subscriber>(std::vector<node_kinds>(100, visible), of_dead);
  auto p = c.node("a@sim").spawn<subscriber>(std::vector<node_kinds>(10'000, visible), s);
  w.advance(20ms);
  c.node("a@sim").kill(dead);
  w.advance(10ms);
  c.links["a@sim"]->connect("b@sim");
  w.advance(100ms);
  CHECK(of_dead.ups.empty());
  CHECK(s.ups.size() == 10'000);
  std::size_t ended = 0;
  c.node("a@sim").cast(p, order{[&](peers& to, const pid& self) { ended = to.unsubscribe(self, visible); }});
  w.advance(10ms);
  CHECK(ended == 10'000);
  CHECK(c.links["a@sim"]->links().unsubscribe(dead, visible) <= 100);
  c.links["a@sim"]->links().disconnect("b@sim");
  w.advance(50ms);
  CHECK(s.downs.empty());
}

TEST_CASE("ED17 a process with ten thousand subscriptions is told ten thousand times") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  subscriber::seen s;
  c.node("a@sim").spawn<subscriber>(std::vector<node_kinds>(10'000, all), s);
  w.advance(20ms);
  c.links["b@sim"]->connect("a@sim");
  w.advance(100ms);
  c.links["b@sim"]->links().disconnect("a@sim");
  w.advance(100ms);
  CHECK(s.ups.size() == 10'000);
  CHECK(s.downs.size() == 10'000);
}

TEST_CASE("ED22 links that are started with a tick time, hidden or without a port are what they were told to be") {
  world w;
  linked_cluster c{w, {"a@sim"}};
  simulated_links_options o;
  o.links.tick_time = 7s;
  o.links.role = "probe";
  o.links.is_hidden = true;
  auto& n = c.w.start_node("probe@sim");
  auto& probe = simulated_links::start(n, {}, o);
  w.advance(20ms);
  CHECK(probe.links().card().tick_time == 7s);
  CHECK(probe.links().card().is_hidden);
  CHECK(probe.links().card().identity.name == "probe@sim");
  CHECK(probe.links().listens_at()->port == 4400);
  probe.connect("a@sim");
  w.advance(100ms);
  auto seen = c.links["a@sim"]->links().list(all);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].role == "probe");
  CHECK(seen[0].is_hidden);
}

TEST_CASE("DS8 a node whose links end goes on, alone, and nobody can reach it") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  c.links["a@sim"]->close();
  w.advance(50ms);
  auto& links = c.links["a@sim"]->links();
  CHECK(links.list(all).empty());
  CHECK(links.send("b@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  auto out = std::make_shared<net::connect_outcome>();
  c.links["a@sim"]->connect("b@sim", out);
  w.advance(50ms);
  CHECK(out->what == net::connect_outcome::kind::stopped);
  CHECK(c.node("a@sim").is_alive(c.diarists["a@sim"]));
  CHECK(c.diaries["a@sim"].lines.size() == 2);
  w.advance(1s);
  CHECK_FALSE(c.links["b@sim"]->is_linked_with("a@sim"));
}

TEST_CASE("DS10 sending, calling or watching dials nobody; connecting does") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  w.advance(20ms);
  CHECK(c.links["a@sim"]->links().send("b@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  c.node("a@sim").cast(c.diarists["a@sim"], pass_on{c.diarists["b@sim"], 1});
  w.advance(500ms);
  CHECK(w.network().connections() == 0);
  c.links["a@sim"]->connect("b@sim");
  w.advance(100ms);
  CHECK(c.are_linked("a@sim", "b@sim"));
}

TEST_CASE("GL5 links that nobody asked for are not made") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim", "c@sim"}, {}, false};
  w.advance(20ms);
  c.links["a@sim"]->connect("b@sim");
  c.links["c@sim"]->connect("b@sim");
  w.advance(1s);
  CHECK(c.are_linked("a@sim", "b@sim"));
  CHECK(c.are_linked("c@sim", "b@sim"));
  CHECK_FALSE(c.are_linked("a@sim", "c@sim"));
}

TEST_CASE("D33 a node that links is told of the others, by role or all, and tells nothing of hidden ones") {
  for (auto mode : {net::mesh_mode::none, net::mesh_mode::role, net::mesh_mode::all}) {
    world w;
    simulated_links_options o;
    o.links.role = "host";
    linked_cluster c{w, {"a@sim", "b@sim"}, o};
    auto& tool = start_hidden(c, "tool@sim");
    w.advance(100ms);
    tool.connect("a@sim");
    auto& n = w.start_node("x@sim");
    o.links.mesh = mode;
    o.links.role = "accumulator";
    auto& x = simulated_links::start(n, {}, o);
    std::vector<std::string> told;
    x.links().on_hints([&](const std::vector<net::links::hint>& hints) {
      for (const auto& h : hints)
        told.push_back(h.name + " " + h.endpoint + " " + h.role);
    });
    w.advance(20ms);
    x.connect("a@sim");
    w.advance(100ms);
    if (mode == net::mesh_mode::all)
      CHECK(told == std::vector{"b@sim " + to_string(w.network().address_of("b@sim", 4400)) + " host"});
    else
      CHECK(told.empty());
  }
}

TEST_CASE("GL6 whoever disconnects while others connect is left with what it asked for last") {
  testing::for_each_seed(60, [](world& w) {
    linked_cluster c{w, {"a@sim", "b@sim", "c@sim"}, {}, false};
    seeded_random random{w.derive_seed(3)};
    w.advance(20ms);
    for (int i = 0; i < 12; ++i) {
      const auto& from = c.names[random.below(3)];
      const auto& to = c.names[random.below(3)];
      if (random.below(2) == 0)
        c.links[from]->connect(to);
      else
        (void)c.links[from]->links().disconnect(to);
      w.pass(duration{static_cast<std::int64_t>(random.below(3'000'000))});
    }
    w.advance(600ms);
    for (const auto& a : c.names)
      for (const auto& b : c.names)
        CHECK(c.links[a]->is_linked_with(b) == c.links[b]->is_linked_with(a));
    for (const auto& [name, d] : c.diaries)
      check_order(d, w.seed());
  });
}
