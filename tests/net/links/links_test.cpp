#include "net/links/linked_cluster.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

TEST_CASE("the nodes of a cluster link, each pair by one connection") {
  testing::for_each_seed(60, [](world& w) {
    linked_cluster c{w};
    REQUIRE(w.run_until([&] { return c.are_all_linked(); }, 1s));
    w.advance(50ms);
    CHECK(w.network().connections() == 3);
    for (const auto& [name, d] : c.diaries) {
      CHECK(d.lines.size() == 2);
      for (const auto& other : c.names)
        CHECK(d.has("up " + c.id(other)) == (other != name));
    }
    w.advance(5s);  // And stay so, by ticks alone.
    CHECK(c.are_all_linked());
    CHECK(c.diaries["a@sim"].lines.size() == 2);
  });
}

TEST_CASE("who subscribes later gets those who are up already") {
  world w;
  linked_cluster c{w};
  w.advance(100ms);
  diary late;
  c.node("b@sim").spawn<diarist>(late);
  w.advance(10ms);
  CHECK(late.lines == std::vector<std::string>{"up " + c.id("a@sim"), "up " + c.id("c@sim")});
  auto peers = c.links["b@sim"]->links().list(node_kinds::visible);
  REQUIRE(peers.size() == 2);
  CHECK(peers[0].identity.name == "a@sim");
}

TEST_CASE("a crash is noticed by the closed connection, a loss of power by silence, within its limit") {
  testing::for_each_seed(60, [](world& w) {
    linked_cluster c{w};
    w.advance(500ms);
    auto b = c.id("b@sim");
    bool is_crash = w.seed() % 2 == 0;
    w.end_node(c.node("b@sim"), is_crash ? node_end::crash : node_end::power_loss);
    auto begin = w.now();
    REQUIRE(w.run_until([&] { return c.diaries["a@sim"].has("down " + b) && c.diaries["c@sim"].has("down " + b); }));
    if (is_crash) {
      CHECK(w.now() - begin <= 10ms);
    } else {
      CHECK(w.now() - begin >= 190ms);
      CHECK(w.now() - begin <= 310ms);
    }
    CHECK(c.are_linked("a@sim", "c@sim"));
    c.start("b@sim");
    REQUIRE(w.run_until([&] { return c.are_all_linked(); }, 1s));
    w.advance(1s);
    for (const auto& [name, d] : c.diaries)
      check_order(d, w.seed());
  });
}

TEST_CASE("a partition takes the link down at both ends, and healing brings it back") {
  testing::for_each_seed(60, [](world& w) {
    linked_cluster c{w};
    w.advance(500ms);
    if (w.seed() % 3 == 0)
      w.network().partition("a@sim", "b@sim");
    else if (w.seed() % 3 == 1)
      w.network().partition_one_way("a@sim", "b@sim");
    else
      w.network().partition_one_way("b@sim", "a@sim");
    w.advance(600ms);
    CHECK_FALSE(c.links["a@sim"]->is_linked_with("b@sim"));
    CHECK_FALSE(c.links["b@sim"]->is_linked_with("a@sim"));
    CHECK(c.are_linked("a@sim", "c@sim"));
    w.advance(1s);
    w.network().heal_all();
    REQUIRE(w.run_until([&] { return c.are_all_linked(); }, 1s));
    w.advance(1s);
    CHECK(c.are_all_linked());
    CHECK(w.network().connections() == 3);
    for (const auto& [name, d] : c.diaries)
      check_order(d, w.seed());
  });
}

TEST_CASE("a short cut or pause is nobody's business, a long pause is the end of a link") {
  testing::for_each_seed(40, [](world& w) {
    linked_cluster c{w};
    w.advance(500ms);
    w.network().partition("a@sim", "b@sim");
    w.advance(120ms);
    w.network().heal_all();
    w.advance(500ms);
    w.pause_node(c.node("c@sim"), 120ms);
    w.advance(1s);
    for (const auto& [name, d] : c.diaries)
      CHECK(d.lines.size() == 2);
    w.pause_node(c.node("c@sim"), 2s);
    w.advance(1900ms);
    CHECK(c.diaries["a@sim"].has("down " + c.id("c@sim")));
    CHECK(c.diaries["c@sim"].lines.size() == 2);
    REQUIRE(w.run_until([&] { return c.are_all_linked(); }, 2s));
    CHECK(c.diaries["c@sim"].count("down " + c.id("a@sim")) == 1);
    for (const auto& [name, d] : c.diaries)
      check_order(d, w.seed());
  });
}

TEST_CASE("a dialler that has lost its end dials again, and its later connection replaces the old one") {
  testing::for_each_seed(60, [](world& w) {
    linked_cluster c{w, {"a@sim", "b@sim"}};
    w.advance(300ms);
    auto a = c.id("a@sim");
    w.network().half_open("a@sim", "b@sim");
    w.advance(1s);
    CHECK(c.are_linked("a@sim", "b@sim"));
    CHECK(c.diaries["b@sim"].lines == std::vector<std::string>{"up " + a, "down " + a, "up " + a});
    CHECK(w.network().connections() == 1);
  });
}

TEST_CASE("messages of a peer come in order within one up and down, whatever happens") {
  std::size_t heard = 0, downs = 0;
  testing::for_each_seed(40, [&](world& w) {
    linked_cluster c{w};
    seeded_random random{w.derive_seed(99)};
    for (const auto& name : c.names)
      c.node(name).cast(c.diarists[name], send_next{});
    for (int i = 0; i < 8; ++i) {
      w.pass(duration{static_cast<std::int64_t>(random.below(150'000'000))});
      const auto& one = c.names[random.below(3)];
      const auto& other = c.names[random.below(3)];
      auto* n = w.find_node(one);
      switch (random.below(7)) {
        case 0: w.network().partition_one_way(one, other); break;
        case 1: w.network().reset(one, other); break;
        case 2: w.network().half_open(one, other); break;
        case 3: w.network().stall(one, other, 300ms); break;
        case 4: w.network().heal_all(); break;
        case 5:
          if (n != nullptr)
            w.pause_node(*n, duration{static_cast<std::int64_t>(random.below(500'000'000))});
          break;
        default:
          if (n != nullptr) {
            w.end_node(*n, random.below(2) == 0 ? node_end::crash : node_end::power_loss);
            c.start(one);
            c.node(one).cast(c.diarists[one], send_next{});
          }
      }
    }
    w.network().heal_all();
    w.pass(1s);  // Until all that was broken is known to be.
    REQUIRE(w.run_until([&] { return c.are_all_linked(); }, 3s));
    w.pass(300ms);
    CHECK(c.are_all_linked());
    for (const auto& [name, d] : c.diaries) {
      check_order(d, w.seed());
      heard += d.lines.size();
      downs += static_cast<std::size_t>(
          std::count_if(d.lines.begin(), d.lines.end(), [](const auto& l) { return l.starts_with("down"); }));
    }
  });
  CHECK(heard > 3000);
  CHECK(downs > 100);
}

TEST_CASE("two clusters with the same seed have the same trace") {
  auto trace = [](std::uint64_t seed) {
    world w{seed};
    linked_cluster c{w};
    w.advance(1s);
    w.network().reset("a@sim", "c@sim");
    w.advance(1s);
    return w.trace_hash();
  };
  CHECK(trace(3) == trace(3));
  CHECK(trace(3) != trace(4));
}
