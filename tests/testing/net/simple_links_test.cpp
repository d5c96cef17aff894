#include "testing/net/linked_cluster.hpp"

#include "net/interim_events.hpp"
#include "testing/net/link_frames.hpp"

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
  auto peers = c.links["b@sim"]->list();
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

TEST_CASE("what cannot be sent is refused with what is wrong") {
  world w;
  simple_links_options o;
  o.lane_bytes_max = 10'000;
  o.payload_bytes_max = 5000;
  linked_cluster c{w, {"a@sim", "b@sim"}, o};
  auto& links = *c.links["a@sim"];
  CHECK(links.send("b@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  w.advance(100ms);
  CHECK(links.send("b@sim", lane::rpc, "diary", bytes(5001, 'x')).error().code == errc::too_large);
  CHECK(links.send("z@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  CHECK(links.send("a@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  w.network().stall("a@sim", "b@sim", 100ms);
  result<void> r;
  std::size_t sent = 0;
  while (r && sent < 1000) {
    r = links.send("b@sim", lane::rpc, "diary", bytes(4000, 'x'));
    sent += r ? 1 : 0;
    w.advance(10us);
  }
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::busy);
  CHECK(sent > 50);  // The window, and what the lane holds.
  CHECK(sent < 80);
  CHECK(links.send("b@sim", lane::control, "diary", "vip").ok());  // Another lane.
  w.advance(2s);
  CHECK(c.diaries["b@sim"].lines.size() == 1 + sent + 1);
  CHECK(links.send("b@sim", lane::rpc, "diary", "again").ok());
}

TEST_CASE("a lane that matters more goes first") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  w.network().stall("a@sim", "b@sim", 100ms);
  auto& links = *c.links["a@sim"];
  for (int i = 0; i < 100; ++i)
    CHECK(links.send("b@sim", lane::broadcast, "diary", bytes(9000, 'b')).ok());
  CHECK(links.send("b@sim", lane::control, "diary", "control").ok());
  w.advance(2s);
  const auto& lines = c.diaries["b@sim"].lines;
  auto control = std::find(lines.begin(), lines.end(), "control " + c.id("a@sim"));
  REQUIRE(control != lines.end());
  CHECK(lines.end() - control > 50);
}

TEST_CASE("a message cast to a process of another node arrives when its type is carried there") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  std::vector<std::string> dropped;
  auto h = c.node("b@sim").events().attach<net::peer_message_dropped>(
      [&](const net::peer_message_dropped& e) { dropped.emplace_back(e.service); });
  c.node("a@sim").cast(c.diarists["a@sim"], pass_on{c.diarists["b@sim"], 7});
  w.advance(100ms);
  CHECK(c.diaries["b@sim"].has("routed 7"));
  CHECK(dropped == std::vector<std::string>{"test.unheard_of"});
  auto of_before = c.diarists["b@sim"];
  w.crash_node(c.node("b@sim"));
  c.start("b@sim");
  w.advance(500ms);
  REQUIRE(c.are_all_linked());
  c.node("a@sim").cast(c.diarists["a@sim"], pass_on{of_before, 8});
  w.advance(100ms);
  CHECK_FALSE(c.diaries["b@sim"].has("routed 8"));
}

TEST_CASE("links that are closed say goodbye and stay down") {
  world w;
  linked_cluster c{w};
  w.advance(100ms);
  std::string why;
  auto h = c.node("a@sim").events().attach<net::link_changed>([&](const net::link_changed& e) { why = e.why; });
  c.links["b@sim"]->close();
  c.links["b@sim"]->close();
  CHECK(c.links["b@sim"]->list().empty());
  w.advance(2s);
  CHECK(why == "the peer said goodbye: the node stops");
  CHECK_FALSE(c.links["a@sim"]->is_linked_with("b@sim"));
  CHECK(c.are_linked("a@sim", "c@sim"));
  CHECK(w.network().connections() == 1);
  CHECK(c.diaries["b@sim"].lines.size() == 4);
}

TEST_CASE("strangers, older runs and nonsense are not linked with, and disturb nobody") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  auto& x = w.start_node("x@sim");
  w.advance(200ms);
  auto d = dial(x, w.network().address_of("b@sim", 4400));
  w.advance(50ms);
  talker t{std::move(***d)};
  t.read_all();
  std::string answer = "refused";
  SUBCASE("a stranger") {
    t.write(make_frame(frame_kind::hello, link_hello{.node = "x@sim", .incarnation = 9}));
    answer = "not among those";
  }
  SUBCASE("an older run of a peer") {
    t.write(make_frame(frame_kind::hello, link_hello{.node = "a@sim", .incarnation = 0, .attempt = 99}));
    answer = "older";
  }
  SUBCASE("an earlier connection of the same run") {
    t.write(make_frame(frame_kind::hello,
                       link_hello{.node = "a@sim", .incarnation = c.node("a@sim").incarnation(), .attempt = 1})
            + make_frame(frame_kind::ready, link_ready{1}));
    answer = "a later connection";
  }
  SUBCASE("another protocol") {
    t.write(make_frame(frame_kind::hello, link_hello{.protocol = 7, .node = "a@sim", .incarnation = 99}));
    answer = "protocol 7";
  }
  SUBCASE("messages without a hello") {
    t.write(make_frame(frame_kind::payload, link_payload{"diary", "hello"}));
    answer = "it is not linked";
  }
  SUBCASE("nonsense") {
    t.write("GET / HTTP/1.1\r\n\r\n");
    answer = "";
  }
  SUBCASE("silence") { answer = ""; }
  w.advance(1s);
  CHECK((t.has_end || t.read_problem));
  CHECK(t.got.find(answer) != std::string::npos);
  CHECK(c.are_linked("a@sim", "b@sim"));
  CHECK(c.diaries["b@sim"].lines.size() == 1);
}

TEST_CASE("frames come out of octets in any pieces, and nonsense is an error for good") {
  auto stream = make_frame(frame_kind::tick, link_tick{1}) + make_frame(frame_kind::payload, link_payload{"s", "p"})
              + make_frame(frame_kind::goodbye, link_goodbye{"bye"});
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    frame_reader reader;
    std::vector<frame_kind> kinds;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      reader.feed(std::string_view{stream}.substr(at, size));
      for (auto f = reader.next(); f && *f; f = reader.next())
        kinds.push_back((*f)->kind);
    }
    CHECK(kinds == std::vector{frame_kind::tick, frame_kind::payload, frame_kind::goodbye});
  }
  for (const auto& bad : {bytes{"\0\0\0\0", 4}, bytes{"\xff\xff\xff\xff", 4}, bytes{"\0\0\0\1\x63", 5}}) {
    frame_reader reader;
    reader.feed(bad);
    CHECK_FALSE(reader.next().ok());
    CHECK_FALSE(reader.next().ok());
  }
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
