// A peer that knows the cookie and then misbehaves: its link ends, and nothing else does.

#include "net/auth/handshake.hpp"
#include "net/events.hpp"
#include "net/link/control.hpp"
#include "net/link/gate.hpp"
#include "net/link/relay_frame.hpp"
#include "net/links/linked_cluster.hpp"
#include "testing/net/direct_carrier.hpp"

#include <functional>

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

/// A node made by hand: the real handshake, then whatever the test says.
struct bad_peer {
  bad_peer(linked_cluster& cluster, const std::string& victim)
      : c{cluster}, at{c.w.start_node("x@sim")}, keys{{"1", "a cookie that all simulated nodes know"}} {
    auto d = dial(at, c.w.network().address_of(victim, 4400));
    c.w.advance(20ms);
    line.stream = std::move(***d);
    line.read_all();
    net::handshake::options o;
    o.self = c.links[victim]->links().card();
    o.self.identity = {"x@sim", 1};
    o.self.endpoint.clear();
    o.keys = &keys;
    o.nonce = bytes(32, 'n');
    net::handshake talk{net::handshake::side::dialler, std::move(o)};
    send(net::frame_kind::handshake, talk.begin());
    bool is_done = false;
    for (int i = 0; i < 10 && !is_done; ++i) {
      c.w.advance(10ms);
      net::relay_frame_reader frames;
      frames.feed(std::exchange(line.got, {}));
      for (auto f = frames.next(); f && *f; f = frames.next()) {
        auto step = talk.receive((*f)->body);
        is_done = step.is_done;
        send(net::frame_kind::handshake, step.send);
      }
    }
    REQUIRE(is_done);
    session = talk.session();
    send(net::frame_kind::carried, {direct_framing::preface(net::link_side::dialler)});
    c.w.advance(20ms);
    REQUIRE(c.links[victim]->is_linked_with("x@sim"));
  }

  void send(net::frame_kind kind, const std::vector<bytes>& bodies) {
    bytes out;
    for (const auto& b : bodies)
      append_relay_frame(out, kind, b);
    if (!out.empty())
      line.write(std::move(out));
    c.w.advance(20ms);
  }
  void send_envelope(std::string_view envelope) {
    bytes framed;
    direct_framing::append(framed, envelope);
    send(net::frame_kind::carried, {framed});
  }

  linked_cluster& c;
  simulated_node& at;
  net::keyring keys;
  talker line;
  std::uint64_t session = 0;
};

/// Its link has ended, told once, and nobody else lost anything.
bool is_only_x_gone(linked_cluster& c) {
  c.w.advance(100ms);
  const auto& a = c.diaries["a@sim"];
  return !c.links["a@sim"]->is_linked_with("x@sim") && c.are_linked("a@sim", "b@sim") && a.count("up x@sim/1") == 1
      && a.count("down x@sim/1") == 1 && c.diaries["b@sim"].lines.size() == 1;
}

}  // namespace

TEST_CASE(
    "DS13 control frames, envelopes and signals that make no sense end their link as protocol_error, and no other") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  bad_peer x{c, "a@sim"};
  std::string why;
  auto h = c.node("a@sim").events().attach<net::link_changed>([&](const net::link_changed& e) { why = e.why; });
  net::gate::limits l;
  SUBCASE("a control frame") { x.send(net::frame_kind::control, {bytes{"\3\xff\xff\xff", 4}}); }
  SUBCASE("credit for what was never sent") {
    x.send(net::frame_kind::control, {net::encode_control(net::control::credit{1000}, 2)});
  }
  SUBCASE("a table of messages that nobody asked for") {
    x.send(net::frame_kind::control, {net::encode_control(net::control::contract{0, 1, "x"}, 2)});
  }
  SUBCASE("a second handshake") { x.send(net::frame_kind::handshake, {"x"}); }
  SUBCASE("octets that are no envelope") { x.send_envelope("nonsense, nonsense"); }
  SUBCASE("an envelope of another connection") {
    net::gate g{x.session + 1, l};
    (void)g.push(lane::rpc, 1, {net::link_message::kind::service, "diary", "hello"});
    x.send_envelope(*g.next());
  }
  SUBCASE("the same envelope twice") {
    net::gate g{x.session, l};
    (void)g.push(lane::rpc, 1, {net::link_message::kind::service, "diary", "hello"});
    auto envelope = *g.next();
    x.send_envelope(envelope);
    CHECK(c.diaries["a@sim"].has("hello x@sim/1"));
    x.send_envelope(envelope);
    CHECK(c.diaries["a@sim"].count("hello x@sim/1") == 1);
  }
  SUBCASE("a signal between processes that cannot be read") {
    net::gate g{x.session, l};
    (void)g.push(lane::rpc, 1, {net::link_message::kind::signal, {}, "\xff\xff\xff"});
    x.send_envelope(*g.next());
    // An unknown tag is a newer release's; nothing happens but a count.
    CHECK(c.links["a@sim"]->is_linked_with("x@sim"));
    (void)g.push(lane::rpc, 1, {net::link_message::kind::signal, {}, std::string_view{"\1\xff", 2}});
    x.send_envelope(*g.next());
  }
  CHECK(is_only_x_gone(c));
  CHECK(why == down_reason::protocol_error);
}

TEST_CASE("DS14 a peer that announces more than may be announced is not given the memory: its link ends") {
  world w;
  simulated_links_options o;
  o.links.lanes.lane_octets = {10'000, 10'000, 10'000, 10'000};
  o.links.lanes.message_octets_max = 20'000;
  linked_cluster c{w, {"a@sim", "b@sim"}, o};
  w.advance(100ms);
  bad_peer x{c, "a@sim"};
  net::gate g{x.session, {}};  // With the usual, far greater limits.
  (void)g.push(lane::broadcast, 1, {net::link_message::kind::service, "diary", bytes(8U << 20, 'x')});
  x.send_envelope(*g.next());
  CHECK(is_only_x_gone(c));
}

TEST_CASE("DS14 a peer that ticks on and on and reads nothing is answered once: what waits for it does not grow") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  bad_peer x{c, "a@sim"};
  x.line.reads_on = false;
  std::uint64_t last = std::uint64_t{1} << 60;
  for (int i = 0; i < 100; ++i) {
    std::vector<bytes> ticks;
    while (ticks.size() < 1'000)
      ticks.push_back(net::encode_control(net::control::tick{++last}, 2));
    x.send(net::frame_kind::control, ticks);
  }
  REQUIRE(c.links["a@sim"]->is_linked_with("x@sim"));
  (void)std::exchange(x.line.got, {});
  x.line.reads_on = true;
  x.line.read_all();
  w.advance(100ms);
  CHECK(c.links["a@sim"]->is_linked_with("x@sim"));
  // What the network holds, and the answer to the newest.
  CHECK(x.line.got.size() <= simulated_network::buffer_bytes_max + 64 * 1024);
  bytes answer;
  append_relay_frame(answer, net::frame_kind::control, net::encode_control(net::control::tock{last}, 2));
  CHECK(x.line.got.find(answer) != bytes::npos);
}

TEST_CASE("D68 messages for services that nobody has are dropped and counted, and the link goes on") {
  world w;
  linked_cluster c{w, {"a@sim", "b@sim"}};
  w.advance(100ms);
  std::vector<std::string> dropped;
  auto h = c.node("b@sim").events().attach<net::peer_message_dropped>(
      [&](const net::peer_message_dropped& e) { dropped.emplace_back(e.service); });
  CHECK(c.links["a@sim"]->links().send("b@sim", lane::rpc, "nobody's", "x").ok());
  CHECK(c.links["a@sim"]->links().send("b@sim", lane::rpc, "diary", "hello").ok());
  w.advance(50ms);
  CHECK(dropped == std::vector<std::string>{"nobody's"});
  CHECK(c.diaries["b@sim"].has("hello " + c.id("a@sim")));
}
