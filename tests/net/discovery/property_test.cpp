// Random answers, outages, links that come and go: whatever happens, the rules of discovery hold, and when it is over
// everybody who can be reached is linked.

#include "fake_links.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;
using namespace beamline::net::test;
using namespace beamline::testing;
using outcome = connect_outcome::kind;

namespace {

constexpr std::size_t nodes = 6;

endpoint home_of(std::size_t i) { return {"10.0.0." + std::to_string(i + 1), 4400}; }
std::string name_of(std::size_t i) { return "n" + std::to_string(i) + "@there"; }

/// What happens to a seeker, drawn from the seed.
struct weather {
  explicit weather(world& the_world, bool is_strict = false)
      : w{the_world},
        random{the_world.derive_seed(trace_tag("discovery weather"))},
        s{the_world,
          {.peers = {home_of(0), home_of(1)},
           .queries = {{.name = "one.example"}, {.name = "two.example", .role = "host"}},
           .own = {home_of(nodes)},
           .has_strict_membership = is_strict}} {}

  std::uint64_t draw(std::uint64_t bound) { return random.below(bound); }

  std::string name() { return draw(2) == 0 ? "one.example" : "two.example"; }
  /// Some of the nodes, this node itself, and addresses that an attacker slipped in.
  void answer() {
    std::vector<std::string> hosts;
    for (std::size_t i = 0; i <= nodes; ++i)
      if (draw(2) == 0)
        hosts.push_back(home_of(i).host);
    for (auto i = draw(4); i > 0; --i)
      hosts.push_back("10.66.0." + std::to_string(draw(200) + 1));
    s.addresses(name(), hosts);
  }
  void inhabit(std::size_t i) {
    constexpr outcome kinds[] = {outcome::connected, outcome::connected,    outcome::unreachable,
                                 outcome::unproven,  outcome::unacceptable, outcome::refused};
    s.net.settle(home_of(i), {name_of(i), kinds[draw(6)], duration{1ms} * (1 + draw(3000))});
  }

  void happens() {
    switch (draw(8)) {
      case 0: answer(); break;
      case 1:
        is_out = draw(2) == 0;
        w.network().set_dns_outage("me@sim", is_out);
        break;
      case 2: s.net.comes_up(name_of(draw(nodes))); break;
      case 3: s.net.goes_down(name_of(draw(nodes)), down_reason::net_tick_timeout); break;
      case 4: s.net.goes_down(name_of(draw(nodes)), down_reason::disconnect); break;
      case 5: inhabit(draw(nodes)); break;
      case 6: {
        auto i = draw(nodes);
        s.net.gossip({{name_of(i), to_string(home_of(i)), "host"}, {"evil@there", "10.66.1.1:1", "host"}});
        break;
      }
      default: s.n.cast(s.finder, discovery_refresh{});
    }
  }

  /// From here on all is well.
  void calm() {
    w.network().set_dns_outage("me@sim", false);
    std::vector<std::string> hosts;
    for (std::size_t i = 0; i < nodes; ++i) {
      s.net.settle(home_of(i), {name_of(i)});
      hosts.push_back(home_of(i).host);
    }
    s.addresses("one.example", hosts);
    s.addresses("two.example", {});
  }

  world& w;
  seeded_random random;
  seeker s;
  bool is_out = false;
};

}  // namespace

TEST_CASE("I35 when all is quiet everybody who can be reached is linked within a round and the longest back-off") {
  for_each_seed(60, [](world& w) {
    weather x{w};
    for (int i = 0; i < 60; ++i) {
      x.happens();
      w.advance(duration{1ms} * x.draw(8000));
    }
    x.calm();
    // One more attempt may be under way that will fail: what it takes comes on top.
    w.advance(11s + 60s + 4s);
    for (std::size_t i = 0; i < nodes; ++i)
      CHECK(x.s.net.is_up(name_of(i)));
    auto dialled = x.s.net.dialled.size();
    auto strangers = static_cast<std::size_t>(
        std::ranges::count_if(x.s.net.dialled, [](const endpoint& e) { return e.host.starts_with("10.66."); }));
    w.advance(30s);
    CHECK(x.s.net.dialled.size() - dialled <= strangers);  // Only what may still be named of the strangers.
  });
}

TEST_CASE("I34 no failure of the name servers ends a link, not even with strict membership") {
  for (bool is_strict : {false, true})
    for_each_seed(25, [is_strict](world& w) {
      weather x{w, is_strict};
      for (int i = 0; i < 60; ++i) {
        x.happens();
        w.network().set_dns_outage("me@sim", true);
        w.advance(1s);  // For answers that are on their way.
        auto before = x.s.net.up();
        w.advance(duration{1ms} * x.draw(40'000));
        CHECK(std::ranges::includes(x.s.net.up(), before));
        w.network().set_dns_outage("me@sim", x.is_out);
        w.advance(duration{1ms} * x.draw(30'000));
      }
      if (!is_strict)
        CHECK(x.s.net.let_go.empty());
    });
}

TEST_CASE("I34 no address of a stranger becomes a peer") {
  for_each_seed(50, [](world& w) {
    weather x{w};
    for (int i = 0; i < 60; ++i) {
      x.happens();
      w.advance(duration{1ms} * x.draw(8000));
    }
    for (const auto& name : x.s.net.up())
      CHECK(name.starts_with("n"));
    for (const auto& t : x.s.status().targets)
      CHECK((t.endpoint.starts_with("10.0.0.") || t.state != "linked"));
  });
}

TEST_CASE("I36 never two attempts to one address, never more than eight, never two rounds at once") {
  for_each_seed(60, [](world& w) {
    weather x{w};
    for (int i = 0; i < 80; ++i) {
      x.happens();
      w.advance(duration{1ms} * x.draw(4000));
      CHECK(x.s.net.dials_to(home_of(nodes)) == 0);
    }
    CHECK(x.s.net.same_max == 1);
    CHECK(x.s.net.together_max <= 8);
    CHECK(x.s.status().targets.size() <= discovery_targets::targets_max);
  });
}
