// Discovery over the real links, in the simulator.

#include "base/log.hpp"
#include "net/discovery/discovery.hpp"
#include "testing/net/simulated_links.hpp"
#include "testing/net/simulated_loop.hpp"
#include "testing/net/simulated_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::net;
using namespace beamline::testing;

namespace {

const std::vector<std::string> three{"a@sim", "b@sim", "c@sim"};
const discovery_options by_dns{.queries = {{.name = "all.example", .role = "host"}}, .follows_hints = false};

/// Machines whose nodes find each other by themselves.
struct finders {
  explicit finders(world& the_world) : w{the_world} {}

  /// Its links; it finds nobody yet.
  void start(const std::string& name, links_options l = fast_links()) {
    if (l.role.empty())
      l.role = "host";
    l.tick_time = 2s;  // A tick costs steps, and these stories are long.
    links[name] = &simulated_links::start(w.start_node(name), {},
                                          {.links = std::move(l), .begin_after = 1ms, .advertises = advertise});
  }
  void find(const std::string& name, discovery_options o) {
    auto& n = *w.find_node(name);
    for (auto& q : o.queries)
      q.port = 4400;
    finder[name] = n.spawn<discovery>(std::move(o),
                                      discovery_ports_of(links[name]->links(), n.resolver(), n.own<simulated_loop>(n)));
  }
  void start_all(const discovery_options& o) {
    for (const auto& name : three)
      start(name);
    w.pass(5ms);
    for (const auto& name : three)
      find(name, o);
  }
  [[nodiscard]] endpoint at(const std::string& name) { return w.network().address_of(name, 4400); }
  void publish(const std::string& query, const std::vector<std::string>& machines) {
    std::vector<endpoint> all;
    for (const auto& m : machines)
      all.push_back(w.network().address_of(m, 0));
    w.network().set_record(dns_record::address, query, all);
  }
  [[nodiscard]] bool are_linked(const std::string& x, const std::string& y) {
    return w.find_node(x) != nullptr && w.find_node(y) != nullptr && links[x]->is_linked_with(y)
        && links[y]->is_linked_with(x);
  }
  [[nodiscard]] bool are_all_linked(const std::vector<std::string>& names) {
    for (const auto& x : names)
      for (const auto& y : names)
        if (x < y && !are_linked(x, y))
          return false;
    return true;
  }
  [[nodiscard]] discovery_status status(const std::string& name) {
    return w.ask<discovery_status>(finder[name], get_discovery_status{});
  }
  [[nodiscard]] std::size_t lines(const std::string& name, std::string_view words) {
    auto all = w.find_node(name)->env().log().recent();
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const auto& l) { return l.find(words) != std::string::npos; }));
  }

  world& w;
  bool advertise = true;
  std::map<std::string, simulated_links*> links;
  std::map<std::string, pid> finder;
};

}  // namespace

TEST_CASE("nodes under one name in DNS link with each other, each finding itself among them (D189)") {
  for_each_seed(10, [](world& w) {
    finders f{w};
    f.publish("all.example", three);
    f.start_all(by_dns);
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 5s);
    w.pass(25s);
    CHECK(f.are_all_linked(three));
    for (const auto& name : three) {
      auto s = f.status(name);
      REQUIRE(s.targets.size() == 3);
      for (const auto& t : s.targets)
        CHECK(t.state == (t.endpoint == to_string(f.at(name)) ? "own" : "linked"));
      CHECK(f.lines(name, "own address") == 1);
      CHECK(f.lines(name, "cannot link") == 0);
    }
  });
}

TEST_CASE("D33 who knows one node is linked with all that node knows") {
  bool do_advertise = true;
  SUBCASE("that say where they are to be dialled") {}
  SUBCASE("that listen on all addresses and do not say which") { do_advertise = false; }
  for_each_seed(10, [&](world& w) {
    finders f{w};
    f.advertise = do_advertise;
    for (const auto& name : three)
      f.start(name);
    w.pass(5ms);
    f.find("a@sim", {});
    f.find("b@sim", {.peers = {f.at("a@sim")}});
    f.find("c@sim", {.peers = {f.at("a@sim")}});
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 15s);
    CHECK(f.are_all_linked(three));
  });
}

TEST_CASE("GL7 nodes in a line or a ring, each of which knows its neighbour only, end fully meshed") {
  for_each_seed(6, [](world& w) {
    const std::vector<std::string> five{"a@sim", "b@sim", "c@sim", "d@sim", "e@sim"};
    const bool is_ring = w.seed() % 2 == 0;
    finders f{w};
    for (const auto& name : five)
      f.start(name);
    w.pass(5ms);
    for (std::size_t i = 0; i < five.size(); ++i)
      f.find(five[i], i == 0 && !is_ring
                          ? discovery_options{}
                          : discovery_options{.peers = {f.at(five[(i + five.size() - 1) % five.size()])}});
    w.expect(
        "all are linked", [&] { return f.are_all_linked(five); }, 60s);
    CHECK(f.are_all_linked(five));
  });
}

TEST_CASE("I35 what a cut takes comes back after it, also while no name server answers") {
  for_each_seed(10, [](world& w) {
    finders f{w};
    f.publish("all.example", three);
    f.start_all(by_dns);
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 5s);
    for (const auto& name : three)
      w.network().set_dns_outage(name, true);
    w.network().partition("a@sim", "b@sim");
    w.expect(
        "a and b have lost each other", [&] { return !f.links["a@sim"]->is_linked_with("b@sim"); }, 5s);
    w.pass(90s);
    CHECK(f.are_linked("a@sim", "c@sim"));
    CHECK(f.are_linked("b@sim", "c@sim"));
    w.network().heal("a@sim", "b@sim");
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 62s);
  });
}

TEST_CASE("a node that comes back with another incarnation is found again within seconds") {
  for_each_seed(10, [](world& w) {
    finders f{w};
    f.publish("all.example", three);
    f.start_all(by_dns);
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 5s);
    w.pass(15s);
    w.crash_node(*w.find_node("b@sim"));
    w.pass(300ms);
    f.start("b@sim");
    w.pass(5ms);
    f.find("b@sim", by_dns);
    w.expect(
        "all are linked", [&] { return f.are_all_linked(three); }, 5s);
  });
}

TEST_CASE("I34 an address of somebody without the cookie costs failed handshakes, fewer and fewer, and one line") {
  for_each_seed(10, [](world& w) {
    finders f{w};
    f.publish("all.example", three);
    f.start("a@sim");
    f.start("b@sim");
    auto stranger = fast_links();
    stranger.keys.current.secret = "a cookie that nobody else knows of at all";
    f.start("c@sim", stranger);
    w.pass(5ms);
    f.find("a@sim", by_dns);
    f.find("b@sim", by_dns);
    w.pass(3min);
    CHECK(f.are_linked("a@sim", "b@sim"));
    CHECK_FALSE(f.links["a@sim"]->is_linked_with("c@sim"));
    CHECK_FALSE(f.links["c@sim"]->is_linked_with("a@sim"));
    for (const auto& t : f.status("a@sim").targets)
      if (t.endpoint == to_string(f.at("c@sim"))) {
        CHECK(t.state != "linked");
        CHECK(t.tries < 12);
      }
    CHECK(f.lines("a@sim", "cannot link") == 1);
  });
}

TEST_CASE("D192 a node of another role than the query says is refused, and that is said once") {
  for_each_seed(10, [](world& w) {
    finders f{w};
    f.publish("all.example", {"b@sim"});
    f.start("a@sim");
    auto other = fast_links();
    other.role = "accumulator";
    f.start("b@sim", other);
    w.pass(5ms);
    f.find("a@sim", by_dns);
    w.pass(3min);
    CHECK_FALSE(f.links["a@sim"]->is_linked_with("b@sim"));
    CHECK(f.lines("a@sim", "cannot link") == 1);
    CHECK(f.status("a@sim").targets.at(0).last_error.starts_with("unacceptable"));
  });
}
