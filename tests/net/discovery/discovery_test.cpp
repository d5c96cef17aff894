#include "fake_links.hpp"

#include "net/discovery/events.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;
using namespace beamline::net::test;
using namespace beamline::testing;
using outcome = connect_outcome::kind;

namespace {

const endpoint a{"10.0.0.1", 4400}, b{"10.0.0.2", 4400}, c{"10.0.0.3", 4400}, six{"fd00::1", 4400};

discovery_options asks(std::string name, dns_records records = {}) {
  return {.queries = {{.name = std::move(name), .role = "host", .records = records}}};
}

}  // namespace

TEST_CASE("DC1 of a known peer, a new one and one that refuses only the new one is linked, with one attempt") {
  for_each_seed(20, [](world& w) {
    seeker s{w, asks("all.example")};
    s.net.comes_up("known@there");
    s.net.settle(a, {"known@there"});
    s.net.settle(b, {"new@there"});
    s.net.settle(c, {"bad@there", outcome::refused});
    s.addresses("all.example", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
    w.advance(1min);
    CHECK(s.net.up() == std::set<std::string>{"known@there", "new@there"});
    CHECK(s.net.links_made == 2);
    CHECK(s.net.dials_to(a) == 1);
    CHECK(s.net.dials_to(b) == 1);
    CHECK(s.net.dials_to(c) > 1);
  });
}

TEST_CASE("LC2 addresses of both families are dialled, each in its one spelling") {
  for_each_seed(20, [](world& w) {
    seeker s{w, asks("all.example")};
    s.addresses("all.example", {"10.0.0.1", "10.0.0.2", "FD00:0:0::1", "fd00:0::0:1"});
    s.net.settle(six, {"six@there"});
    w.advance(500ms);
    std::sort(s.net.dialled.begin(), s.net.dialled.end());
    CHECK(s.net.dialled == std::vector<endpoint>{a, b, six});
    CHECK(s.net.is_up("six@there"));
    CHECK(s.net.expected.at(0).role == "host");
  });
}

TEST_CASE("LC3 known and still there: neither dialled nor let go of") {
  for_each_seed(5, [](world& w) {
    seeker s{w, asks("all.example")};
    s.addresses("all.example", {"10.0.0.1"});
    s.net.settle(a, {"x@there"});
    w.advance(10min);
    CHECK(s.net.dialled.size() == 1);
    CHECK(s.net.let_go.empty());
    CHECK(s.net.is_up("x@there"));
    CHECK(s.status().rounds >= 54);
  });
}

TEST_CASE("LC4 with nowhere to look nothing is done, and that is said") {
  world w;
  seeker s{w, {.follows_hints = false}};
  w.advance(1min);
  CHECK_FALSE(s.n.is_alive(s.finder));
  CHECK(s.net.dialled.empty());
  CHECK(s.lines("nowhere to look for other nodes") == 1);
}

TEST_CASE("LC7 a static list is dialled at start, and again for ever") {
  for_each_seed(5, [](world& w) {
    seeker s{w, {.peers = {a, b}}, false};
    s.net.settle(a, {"x@there"});
    w.advance(100ms);
    CHECK(s.net.is_up("x@there"));
    CHECK(s.net.dials_to(b) == 1);
    w.advance(1h);
    auto tried = s.net.dials_to(b);
    CHECK(tried > 60);
    CHECK(tried < 90);
    s.net.settle(b, {"y@there"});
    w.advance(61s);
    CHECK(s.net.is_up("y@there"));
  });
}

TEST_CASE("LC1 discovery is given its sources, what dials and what lets go, and its configuration") {
  world w;
  seeker s{w, {.peers = {a}, .queries = {{.name = "all.example", .records = {.srv = true}}}}};
  w.advance(1s);
  auto status = s.status();
  REQUIRE(status.sources.size() == 4);
  CHECK(status.sources[0].label == "peers");
  CHECK(status.sources[1].label == "all.example (a, aaaa)");
  CHECK(status.sources[2].label == "all.example (srv)");
  CHECK(status.sources[3].label == "hints");
}

TEST_CASE("LC8 it comes up under its name and answers") {
  world w;
  seeker s{w, asks("all.example")};
  w.run();
  CHECK(s.n.is_alive(discovery_on(s.n.env())));
  CHECK(w.ask<discovery_status>(discovery_on(s.n.env()), get_discovery_status{}).rounds == 1);
}

TEST_CASE("LC9 hosts and ports of SRV records are dialled") {
  for_each_seed(10, [](world& w) {
    seeker s{w, asks("_link._tcp.example", {.a = false, .aaaa = false, .srv = true})};
    w.network().set_record(dns_record::service, "_link._tcp.example", {{"X-1.example.", 4401}, {"x-2.example", 4402}});
    endpoint one{"x-1.example", 4401}, two{"x-2.example", 4402};
    s.net.settle(one, {"one@there"});
    s.net.settle(two, {"two@there"});
    w.advance(1s);
    CHECK(s.net.up() == std::set<std::string>{"one@there", "two@there"});
  });
}

TEST_CASE("LC10 an SRV target that is gone for three rounds is not dialled any more; its link stays until it ends") {
  for_each_seed(10, [](world& w) {
    seeker s{w, asks("_link._tcp.example", {.a = false, .aaaa = false, .srv = true})};
    endpoint one{"x-1.example", 4401}, two{"x-2.example", 4402};
    w.network().set_record(dns_record::service, "_link._tcp.example", {one, two});
    s.net.settle(one, {"one@there"});
    s.net.settle(two, {"two@there"});
    w.advance(1s);
    w.network().set_record(dns_record::service, "_link._tcp.example", {two});
    w.advance(1min);
    CHECK(s.net.is_up("one@there"));
    CHECK(s.lines("in no answer any more") == 1);
    s.net.goes_down("one@there");
    w.advance(5min);
    CHECK(s.net.dials_to(one) == 1);
    CHECK(s.state_of(one) == "stale");
    w.advance(6min);
    CHECK(s.state_of(one) == "unknown");
    CHECK(s.state_of(two) == "linked");
  });
}

TEST_CASE("LC11 SRV targets that stay are left alone") {
  world w;
  seeker s{w, asks("_link._tcp.example", {.a = false, .aaaa = false, .srv = true})};
  endpoint one{"x-1.example", 4401};
  w.network().set_record(dns_record::service, "_link._tcp.example", {one});
  s.net.settle(one, {"one@there"});
  w.advance(10min);
  CHECK(s.net.dialled.size() == 1);
  CHECK(s.net.let_go.empty());
}

TEST_CASE("LC12 a name that does not resolve brings no attempts") {
  world w;
  seeker s{w, asks("nobody.example")};
  w.advance(10min);
  CHECK(s.net.dialled.empty());
  CHECK(s.lines("query names nobody") == 1);
  CHECK(s.status().sources.at(0).state == "nobody");
}

TEST_CASE("LC13 a new A record is dialled within a round") {
  for_each_seed(10, [](world& w) {
    seeker s{w, asks("all.example")};
    s.addresses("all.example", {"10.0.0.1"});
    s.net.settle(a, {"x@there"});
    s.net.settle(b, {"y@there"});
    w.advance(1min);
    s.addresses("all.example", {"10.0.0.1", "10.0.0.2"});
    w.advance(11s + 500ms);
    CHECK(s.net.is_up("y@there"));
    CHECK(s.lines("found") == 2);
  });
}

TEST_CASE("LC14 with strict membership a node whose record is gone for three rounds is let go of") {
  for_each_seed(10, [](world& w) {
    auto o = asks("all.example");
    o.has_strict_membership = true;
    seeker s{w, o};
    s.addresses("all.example", {"10.0.0.1", "10.0.0.2"});
    s.net.settle(a, {"x@there"});
    s.net.settle(b, {"y@there"});
    w.advance(1s);
    s.addresses("all.example", {"10.0.0.2"});
    w.advance(18s);
    CHECK(s.net.is_up("x@there"));
    w.advance(18s);
    CHECK(s.net.let_go == std::vector<std::string>{"x@there"});
    w.advance(1h);
    CHECK(s.net.up() == std::set<std::string>{"y@there"});
    CHECK(s.net.let_go.size() == 1);
    CHECK(s.lines("strict membership") == 1);
  });
}

TEST_CASE("LC15 A records that stay, in any order, are left alone") {
  world w;
  seeker s{w, asks("all.example")};
  s.net.settle(a, {"x@there"});
  s.net.settle(b, {"y@there"});
  for (int i = 0; i < 20; ++i) {
    s.addresses("all.example", i % 2 == 0 ? std::vector<std::string>{"10.0.0.1", "10.0.0.2"}
                                          : std::vector<std::string>{"10.0.0.2", "10.0.0.1"});
    w.advance(10s);
  }
  CHECK(s.net.dialled.size() == 2);
}

TEST_CASE("LC19 an attempt that succeeds is an event with its duration") {
  world w;
  seeker s{w, {.peers = {a}}};
  s.net.settle(a, {"x@there", outcome::connected, 7ms});
  std::string seen;
  duration took{};
  std::uint64_t rounds = 0;
  auto watch = s.n.events().attach<discovery_attempt_done>([&](const discovery_attempt_done& e) {
    seen += std::string{e.address} + " " + std::string{e.node} + " " + std::string{e.outcome} + "\n";
    took = e.took;
  });
  auto watch_rounds = s.n.events().attach<discovery_round_done>([&](const discovery_round_done& e) {
    rounds = e.round;
    CHECK(e.addresses == 1);
    CHECK(e.added == (e.round == 1 ? 1 : 0));
    CHECK(e.failed == 0);
  });
  w.advance(30s);
  CHECK(seen == "10.0.0.1:4400 x@there connected\n");
  CHECK(took >= 7ms);
  CHECK(took < 20ms);
  CHECK(rounds >= 2);
}

TEST_CASE("LC20 an attempt that fails is an event with its reason, is said once, and is made again") {
  for_each_seed(5, [](world& w) {
    seeker s{w, {.peers = {a}}};
    int failures = 0;
    auto watch = s.n.events().attach<discovery_attempt_done>([&](const discovery_attempt_done& e) {
      CHECK(e.outcome == "unreachable");
      ++failures;
    });
    w.advance(10min);
    CHECK(failures > 10);
    CHECK(s.lines("cannot link") == 1);
    CHECK(s.status().targets.at(0).last_error == "unreachable: connection refused");
    s.net.settle(a, {"x@there"});
    watch.detach();
    w.advance(61s);
    CHECK(s.net.is_up("x@there"));
    CHECK(s.lines("reached") == 1);
  });
}

TEST_CASE("LC21 an attempt of a node that is leaving the cluster is an event of its own, and no complaint") {
  world w;
  seeker s{w, {.peers = {a}}};
  s.net.settle(a, {"", outcome::stopped});
  std::string last;
  auto watch = s.n.events().attach<discovery_attempt_done>([&](const discovery_attempt_done& e) { last = e.outcome; });
  s.n.env().log().set_level(log_level::info);
  w.advance(10s);
  CHECK(last == "stopped");
  CHECK(s.lines("cannot link") == 0);
}

TEST_CASE("D194 a wrong cookie is tried again once a minute in the end, and said once") {
  for_each_seed(5, [](world& w) {
    seeker s{w, {.peers = {a}}};
    s.net.settle(a, {"x@there", outcome::unproven});
    w.advance(1h);
    CHECK(s.net.dials_to(a) < 90);
    CHECK(s.net.dials_to(a) > 60);
    CHECK(s.lines("cannot link") == 1);
  });
}

TEST_CASE("D194 addresses that swallow everything delay the others little and each other not at all") {
  for_each_seed(10, [](world& w) {
    auto o = asks("all.example");
    o.peers = {a};
    seeker s{w, o};
    std::vector<std::string> holes;
    for (int i = 0; i < 30; ++i) {
      holes.push_back("10.9.0." + std::to_string(i));
      s.net.settle({holes.back(), 4400}, {"", outcome::unreachable, 5s});
    }
    s.addresses("all.example", holes);
    s.net.settle(a, {"x@there"});
    w.advance(1s);
    CHECK(s.net.is_up("x@there"));
    w.advance(30s);
    CHECK(s.net.dialled.size() > 31);
    CHECK(s.net.together_max == 8);
    CHECK(s.net.same_max == 1);
  });
}

TEST_CASE("SY22 name servers that fail for ten minutes end no link and bring no attempt") {
  for_each_seed(10, [](world& w) {
    seeker s{w, asks("all.example")};
    s.addresses("all.example", {"10.0.0.1", "10.0.0.2"});
    s.net.settle(a, {"x@there"});
    s.net.settle(b, {"y@there"});
    w.advance(1s);
    w.network().set_dns_outage("me@sim", true);
    w.advance(10min);
    CHECK(s.net.up() == std::set<std::string>{"x@there", "y@there"});
    CHECK(s.net.let_go.empty());
    CHECK(s.net.dialled.size() == 2);
    CHECK(s.lines("query failed") == 1);
    s.net.goes_down("x@there");  // A known address is still dialled, outage or not.
    w.advance(2s);
    CHECK(s.net.is_up("x@there"));
    w.network().set_dns_outage("me@sim", false);
    w.advance(11s);
    CHECK(s.lines("query answers again") == 1);
    CHECK(s.net.dialled.size() == 3);
  });
}

TEST_CASE("SY23 the own address in another spelling is one attempt at most, and no line per round") {
  for_each_seed(10, [](world& w) {
    auto o = asks("all.example");
    o.own = {{"FD00:0:0::1", 4400}};
    seeker s{w, o};
    s.addresses("all.example", {"fd00:0::0:1", "10.0.0.1"});
    s.net.settle(a, {"me@sim", outcome::self});
    w.advance(10min);
    CHECK(s.net.dials_to(six) == 0);
    CHECK(s.net.dials_to(a) == 1);
    CHECK(s.state_of(six) == "own");
    CHECK(s.state_of(a) == "own");
    CHECK(s.lines("own address") == 2);
    CHECK(s.lines("found") == 1);
    CHECK(s.net.links_made == 0);
  });
}

TEST_CASE("D33 what peers tell of is dialled at once, under the name they tell, unless that is not wanted") {
  for_each_seed(10, [](world& w) {
    seeker s{w, {}};
    s.net.settle(a, {"x@there"});
    w.advance(3s);
    s.net.gossip({{"x@there", "10.0.0.1:4400", "host"}, {"me@sim", "10.0.0.2:4400", "host"}});
    w.advance(500ms);
    CHECK(s.net.is_up("x@there"));
    CHECK(s.net.dialled == std::vector<endpoint>{a});
    CHECK(s.net.expected.at(0).name == "x@there");
    // Told of no more since it is linked: that does not make it stale.
    s.net.gossip({});
    w.advance(2min);
    s.net.goes_down("x@there");
    w.advance(2s);
    CHECK(s.net.is_up("x@there"));
  });
}

TEST_CASE("with strict membership nobody is dialled because a peer told of it") {
  world w;
  seeker s{w, {.peers = {b}, .has_strict_membership = true}};
  w.advance(1s);
  s.net.gossip({{"x@there", "10.0.0.1:4400", "host"}});
  w.advance(1min);
  CHECK(s.net.dials_to(a) == 0);
  CHECK(s.status().sources.size() == 1);
}

TEST_CASE("D36 who was let go of on purpose comes back with the next round") {
  for_each_seed(10, [](world& w) {
    seeker s{w, {.peers = {a}}};
    s.net.settle(a, {"x@there"});
    w.advance(20s);
    auto rounds = s.status().rounds;
    s.net.goes_down("x@there", down_reason::disconnect);
    CHECK(w.run_until([&] { return s.net.is_up("x@there"); }, 13s));
    CHECK(s.status().rounds == rounds + 1);
  });
}

TEST_CASE("an operator can have everything tried now, and is told what it brought") {
  for_each_seed(10, [](world& w) {
    auto o = asks("all.example");
    o.peers = {b};
    seeker s{w, o};
    s.net.settle(b, {"y@there", outcome::unproven});
    w.advance(5min);
    s.net.settle(b, {"y@there"});
    s.net.settle(a, {"x@there"});
    s.addresses("all.example", {"10.0.0.1"});
    auto done = w.ask<discovery_refreshed>(s.finder, discovery_refresh{});
    CHECK(done.addresses == 2);
    CHECK(done.added == 1);
    CHECK(done.failed == 0);
    w.advance(100ms);
    CHECK(s.net.up() == std::set<std::string>{"x@there", "y@there"});
  });
}

TEST_CASE("D29 it knows who was linked before it began") {
  world w;
  auto& n = w.start_node("me@sim");
  auto& net = n.own<fake_links>(n);
  n.env().use_peers(net);
  net.comes_up("x@there");
  net.settle(a, {"x@there"});
  n.spawn<discovery>(discovery_options{.peers = {a}}, net.ports());
  w.advance(5min);
  CHECK(net.dialled.size() == 1);
}
