// Who is let in and who is not, what cannot be sent, and how links end.

#include "net/links/linked_cluster.hpp"

#include "net/events.hpp"
#include "net/link/relay_frame.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;
using namespace std::string_literals;

namespace {

struct refusals {
  std::vector<std::string> why;
  telemetry::handle attached;
  explicit refusals(simulated_node& n)
      : attached{n.events().attach<net::connect_failed>(
          [this](const net::connect_failed& e) { why.push_back(std::string{e.node} + ": " + std::string{e.why}); })} {}
};

/// A node whose options differ from the others'; it dials nobody by itself.
simulated_links& start_other(linked_cluster& c, const std::string& name, simulated_links_options o) {
  auto& n = c.w.start_node(name);
  return *(c.links[name] = &simulated_links::start(n, {}, std::move(o)));
}

net::connect_outcome connect(linked_cluster& c, const std::string& from, const std::string& to) {
  auto out = std::make_shared<net::connect_outcome>();
  c.links[from]->connect(to, out);
  c.w.advance(400ms);
  return *out;
}

using kind = net::connect_outcome::kind;

}  // namespace

TEST_CASE("ED1 connecting to itself is true and changes nothing") {
  world w;
  linked_cluster c{w, {"a@sim"}};
  w.advance(10ms);
  auto o = connect(c, "a@sim", "a@sim");
  CHECK(o.ok());
  CHECK(o.what == kind::self);
  CHECK(c.diaries["a@sim"].lines.empty());
  CHECK(w.network().connections() == 0);
}

TEST_CASE("D25 beyond loopback nobody is dialled in clear text, nor with the development cookie, whoever proposes it") {
  world w;
  simulated_links_options o;
  std::string says;
  SUBCASE("without TLS and without the word that it does without") {
    o.links.allow_insecure = false;
    says = "there is no TLS";
  }
  SUBCASE("with the development cookie") {
    o.links.keys.others.push_back({"2", "as good as any other one", true});
    says = "development cookie";
  }
  linked_cluster c{w, {"a@sim", "b@sim"}, o, false};
  w.advance(10ms);
  refusals told{c.node("a@sim")};
  auto out = connect(c, "a@sim", "b@sim");
  CHECK(out.what == kind::insecure);
  CHECK(out.detail.find(says) != std::string::npos);
  CHECK(told.why == std::vector<std::string>{": " + out.detail});
  CHECK(w.network().connections() == 0);
  CHECK(c.diaries["b@sim"].lines.empty());
  auto by_name = std::make_shared<net::connect_outcome>();
  c.links["a@sim"]->links().connect({"b", 4400}, {}, [by_name](const net::connect_outcome& x) { *by_name = x; });
  w.advance(10ms);
  CHECK(by_name->what == kind::insecure);
  auto here = std::make_shared<net::connect_outcome>();
  c.links["a@sim"]->links().connect({"127.0.0.1", 4401}, {}, [here](const net::connect_outcome& x) { *here = x; });
  w.advance(400ms);
  CHECK(here->what == kind::unreachable);
}

TEST_CASE("DS1 pings of nobody, of a live node and of itself leave nothing behind") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.machine_of("nobody@sim");
  w.advance(200ms);
  std::size_t pangs = 0, pongs = 0;
  for (int i = 0; i < 256; ++i)
    for (const auto* name : {"a@sim", "b@sim", "nobody@sim"})
      c.links["a@sim"]->links().connect(w.network().address_of(name, 4400), {},
                                        [&](const net::connect_outcome& o) { (o.ok() ? pongs : pangs) += 1; });
  w.advance(1s);
  CHECK(pongs == 512);
  CHECK(pangs == 256);
  CHECK(w.network().connections() == 1);
}

TEST_CASE("ED9 the set-up time bounds an attempt also when nothing ever answers") {
  world w;
  linked_cluster c{w, {"a@sim"}};
  w.start_node("b@sim");
  w.advance(10ms);
  w.network().partition("a@sim", "b@sim");
  auto begin = w.now();
  auto out = std::make_shared<std::optional<time_point>>();
  c.links["a@sim"]->links().connect(w.network().address_of("b@sim", 4400), {},
                                    [&w, out](const net::connect_outcome& o) {
                                      if (o.what == kind::unreachable)
                                        *out = w.now();
                                    });
  w.advance(2s);
  REQUIRE(*out);
  CHECK(**out - begin >= 200ms);
  CHECK(**out - begin <= 300ms);
}

TEST_CASE("a node whose way was slow, or cut while it proved itself, is let in as soon as it heals") {
  world w{{.weather = {.latency = {1ms, 1ms}}}};  // Connected at 2 ms, hello at 3, challenge at 4, proofs at 5 and 6.
  linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
  refusals told{c.node("a@sim")};
  w.advance(10ms);
  auto dial_and_cut = [&](duration after, auto cut) {
    c.links["b@sim"]->links().connect(w.network().address_of("a@sim", 4400), {}, {});
    w.advance(after);
    cut();
    w.advance(300ms);
    w.network().heal("a@sim", "b@sim");
    w.advance(2ms);  // The end of what was dialled arrives.
  };
  std::string why;
  SUBCASE("its challenge is late") {
    why = "b@sim: it did not finish the handshake in time";
    for (int i = 0; i < 6; ++i)
      dial_and_cut(3500us, [&] { w.network().partition("a@sim", "b@sim"); });
  }
  SUBCASE("it is gone after its proof") {
    why = "b@sim: b@sim hung up over our proof, although its own was right";
    for (int i = 0; i < 6; ++i)
      dial_and_cut(5500us, [&] { w.network().reset("a@sim", "b@sim"); });
  }
  CHECK(told.why.size() == 6);
  for (const auto& t : told.why)
    CHECK_MESSAGE(t.find(why) != std::string::npos, t);
  CHECK(connect(c, "b@sim", "a@sim").what == kind::connected);
}

TEST_CASE("SY1 a node with another cookie is up nowhere, and its refusal is told") {
  testing::for_each_seed(20, [](world& w) {
    linked_cluster c{w};
    w.advance(300ms);
    simulated_links_options o;
    o.links.keys.current.secret = "another cookie, quite as long as the right one";
    start_other(c, "x@sim", o);
    refusals seen{c.node("a@sim")};
    w.advance(10ms);
    CHECK(connect(c, "x@sim", "a@sim").what == kind::unproven);
    CHECK(connect(c, "a@sim", "x@sim").what == kind::unproven);
    REQUIRE(seen.why.size() == 2);
    CHECK(seen.why[0].find("x@sim: ") == 0);
    CHECK(c.links["x@sim"]->links().list(node_kinds::all).empty());
    CHECK(c.are_all_linked());
    for (const auto& [name, d] : c.diaries)
      CHECK(d.lines.size() == (name == "x@sim" ? 0U : 2U));
  });
}

TEST_CASE("other clusters, other names than expected, those not allowed and those banned are refused with the reason") {
  world w;
  linked_cluster c{w, {"a@sim"}};
  w.advance(20ms);
  simulated_links_options o;
  SUBCASE("another cluster") {
    o.links.cluster = "staging";
    start_other(c, "x@sim", o);
    w.advance(10ms);
    auto out = connect(c, "x@sim", "a@sim");
    CHECK(out.what == kind::refused);
    CHECK(out.detail.find("not_allowed") != std::string::npos);
  }
  SUBCASE("not on the list") {
    o.links.allow = {"b@sim"};
    start_other(c, "x@sim", o);
    w.advance(10ms);
    CHECK(connect(c, "a@sim", "x@sim").what == kind::refused);
    CHECK(connect(c, "x@sim", "a@sim").detail.find("cluster.allow") != std::string::npos);
  }
  SUBCASE("banned for a while") {
    start_other(c, "x@sim", o);
    w.advance(10ms);
    CHECK(connect(c, "a@sim", "x@sim").what == kind::connected);
    c.links["a@sim"]->links().ban("x@sim", 1s);
    w.advance(50ms);
    CHECK_FALSE(c.links["a@sim"]->is_linked_with("x@sim"));
    CHECK_FALSE(connect(c, "x@sim", "a@sim").ok());
    w.advance(1s);
    CHECK(connect(c, "x@sim", "a@sim").ok());
  }
  SUBCASE("somebody else than expected") {
    start_other(c, "x@sim", o);
    w.advance(10ms);
    net::connect_outcome out;
    auto tell = [&](const net::connect_outcome& what) { out = what; };
    c.links["a@sim"]->links().connect(w.network().address_of("x@sim", 4400), {.name = "y@sim"}, tell);
    w.advance(100ms);
    CHECK(out.what == kind::unacceptable);
    CHECK(out.detail.find("x@sim") != std::string::npos);
    c.links["a@sim"]->links().connect(w.network().address_of("x@sim", 4400), {.role = "accumulator"}, tell);
    w.advance(100ms);
    CHECK(out.what == kind::unacceptable);
  }
}

TEST_CASE("SY6 dials from both ends at once give one link, with one node_up each, which both take for the same") {
  testing::for_each_seed(400, [](world& w) {
    linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
    seeded_random random{w.derive_seed(7)};
    w.advance(20ms);
    std::size_t answers = 0;
    for (int i = 0; i < 3; ++i)
      for (auto [from, to] : {std::pair{"a@sim", "b@sim"}, std::pair{"b@sim", "a@sim"}}) {
        w.pass(duration{static_cast<std::int64_t>(random.below(400'000))});
        c.links[from]->links().connect(w.network().address_of(to, 4400), {},
                                       [&](const net::connect_outcome& o) { answers += o.ok() ? 1 : 0; });
      }
    w.advance(100ms);
    CHECK(answers == 6);
    CHECK(c.are_linked("a@sim", "b@sim"));
    CHECK(w.network().connections() == 1);
    CHECK(c.diaries["a@sim"].lines == std::vector{"up " + c.id("b@sim")});
    CHECK(c.diaries["b@sim"].lines == std::vector{"up " + c.id("a@sim")});
    auto here = c.links["a@sim"]->links().stats(), there = c.links["b@sim"]->links().stats();
    REQUIRE(here.size() == 1);
    REQUIRE(there.size() == 1);
    CHECK(here[0].is_dialled_here != there[0].is_dialled_here);
  });
}

TEST_CASE("SY4 keys rotate without losing a link, and a link of a key that is dropped ends as auth_revoked") {
  world w;
  net::keyring old_and_current, next_and_current;
  net::auth_key k1{"2025", "the cookie of the year before, long enough"};
  net::auth_key k2{"2026", "the cookie of this year, also long enough"};
  net::auth_key k3{"2027", "the cookie of the year to come, long enough"};
  simulated_links_options o;
  o.links.keys = {.current = k2, .others = {k1}};
  linked_cluster c{w, {"a@sim"}, o};
  o.links.keys = {.current = k3, .others = {k2}};
  start_other(c, "b@sim", o);
  w.advance(20ms);
  CHECK(connect(c, "a@sim", "b@sim").what == kind::connected);
  c.links["b@sim"]->links().use_keys({.current = k3, .others = {}});
  w.advance(50ms);
  CHECK_FALSE(c.links["a@sim"]->is_linked_with("b@sim"));
  CHECK(connect(c, "a@sim", "b@sim").what == kind::unproven);
  c.links["a@sim"]->links().use_keys({.current = k3, .others = {k2}});
  CHECK(connect(c, "b@sim", "a@sim").what == kind::connected);
  c.links["a@sim"]->links().use_keys({.current = k3, .others = {k1}});
  w.advance(50ms);
  CHECK(c.links["a@sim"]->is_linked_with("b@sim"));  // Its own key still counts.
}

TEST_CASE("ED7 a hidden node is listed and told only to those who ask for hidden ones") {
  for (bool is_dialled_by_it : {true, false}) {
    world w;
    linked_cluster c{w, {"a@sim"}};
    simulated_links_options o;
    o.links.is_hidden = true;
    start_other(c, "h@sim", o);
    w.advance(20ms);
    CHECK(connect(c, is_dialled_by_it ? "h@sim" : "a@sim", is_dialled_by_it ? "a@sim" : "h@sim").ok());
    auto& links = c.links["a@sim"]->links();
    CHECK(c.diaries["a@sim"].lines.empty());
    CHECK(links.list(node_kinds::visible).empty());
    CHECK(links.list(node_kinds::hidden).size() == 1);
    CHECK(links.list(node_kinds::all).size() == 1);
    CHECK(links.send("h@sim", lane::rpc, "any", "x").ok());
  }
}

TEST_CASE("links that are closed say goodbye and stay down") {
  world w;
  linked_cluster c{w};
  w.advance(100ms);
  std::string why;
  auto h = c.node("a@sim").events().attach<net::link_changed>([&](const net::link_changed& e) { why = e.why; });
  c.links["b@sim"]->close();
  c.links["b@sim"]->close();
  w.advance(2s);
  CHECK(c.links["b@sim"]->links().list(node_kinds::all).empty());
  CHECK(why == down_reason::connection_closed);
  CHECK_FALSE(c.links["a@sim"]->is_linked_with("b@sim"));
  CHECK(c.are_linked("a@sim", "c@sim"));
  CHECK(w.network().connections() == 1);
  CHECK(c.diaries["b@sim"].lines.size() == 4);
}

TEST_CASE("what cannot be sent is refused with what is wrong") {
  world w;
  simulated_links_options o;
  o.links.lanes.lane_octets = {10'000, 10'000, 10'000, 10'000};
  o.links.lanes.message_octets_max = 5000;
  o.links.tick_time = 2s;
  linked_cluster c{w, {"a@sim", "b@sim"}, o};
  auto& links = c.links["a@sim"]->links();
  CHECK(links.send("b@sim", lane::rpc, "diary", "x").error().code == errc::unavailable);
  w.advance(300ms);
  REQUIRE(c.are_all_linked());
  CHECK(links.send("b@sim", lane::rpc, "diary", bytes(5001, 'x')).error().code == errc::too_large);
  CHECK(links.send("b@sim", lane::rpc, std::string(300, 's'), "x").error().code == errc::too_large);
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
  INFO("sent ", sent);
  CHECK(sent > 50);  // The window, and what the lane holds.
  CHECK(sent < 80);
  CHECK(links.send("b@sim", lane::control, "diary", "vip").ok());  // Another lane.
  w.advance(2s);
  CHECK(c.diaries["b@sim"].lines.size() == 1 + sent + 1);
  CHECK(links.send("b@sim", lane::rpc, "diary", "again").ok());
}

TEST_CASE("SY10 a flood of broadcasts to a slow peer is dropped and counted, and ticks and calls still pass") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(300ms);
  REQUIRE(c.are_all_linked());
  std::uint64_t dropped = 0;
  auto h = c.node("a@sim").events().attach<net::lane_overflow>(
      [&](const net::lane_overflow& e) { dropped += e.what == "dropped_oldest" ? e.count : 0; });
  w.network().slow("a@sim", "b@sim", 2000);
  auto& links = c.links["a@sim"]->links();
  for (int i = 0; i < 2500; ++i) {
    CHECK(links.send("b@sim", lane::broadcast, "diary", bytes(9000, 'b')).ok());
    if (i % 500 == 0)
      CHECK(links.send("b@sim", lane::rpc, "diary", "call " + std::to_string(i)).ok());
    w.advance(100us);
  }
  w.advance(5s);
  CHECK(dropped > 100);
  CHECK(c.are_all_linked());
  for (int i = 0; i < 2500; i += 500)
    CHECK(c.diaries["b@sim"].has("call " + std::to_string(i) + " " + c.id("a@sim")));
  CHECK(c.diaries["a@sim"].lines.size() == 1);
}

TEST_CASE("an overflowing control lane ends the link as slow_consumer") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(300ms);
  w.network().stall("a@sim", "b@sim", 150ms);
  std::string why;
  auto h = c.node("a@sim").events().attach<net::link_changed>([&](const net::link_changed& e) {
    if (e.status == "down")
      why = e.why;
  });
  result<void> r;
  for (int i = 0; r && i < 1000; ++i)
    r = c.links["a@sim"]->links().send("b@sim", lane::control, "diary", bytes(9000, 'c'));
  CHECK(r.error().code == errc::busy);
  w.advance(1ms);
  CHECK(why == down_reason::slow_consumer);
}

TEST_CASE("strangers and nonsense are not linked with, and disturb nobody") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  auto& x = w.start_node("x@sim");
  w.advance(200ms);
  auto d = dial(x, w.network().address_of("b@sim", 4400));
  w.advance(50ms);
  talker t{std::move(***d)};
  t.read_all();
  bytes frame;
  SUBCASE("nonsense") { t.write("GET / HTTP/1.1\r\n\r\n"); }
  SUBCASE("silence") {}
  SUBCASE("octets for CAF without a handshake") {
    append_relay_frame(frame, net::frame_kind::carried, std::string(32, '\0'));
    t.write(frame);
  }
  SUBCASE("a goodbye without a handshake") {
    append_relay_frame(frame, net::frame_kind::control, "\6");
    t.write(frame);
  }
  SUBCASE("a handshake message that is none") {
    append_relay_frame(frame, net::frame_kind::handshake, "\1\1\1\1");
    t.write(frame);
  }
  SUBCASE("a frame that is too long") { t.write("\1\xff\xff\xff"s); }
  w.advance(1s);
  CHECK((t.has_end || t.read_problem));
  CHECK(t.got.empty());
  CHECK(c.are_linked("a@sim", "b@sim"));
  CHECK(c.diaries["b@sim"].lines.size() == 1);
}
