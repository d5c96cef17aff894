#include "gates.hpp"
#include "net/link/relay_frame.hpp"

#include <algorithm>
#include <map>

namespace beamline::net {

TEST_CASE("a message comes out as it went in, with its lane, its kind and its service") {
  gate_pair g;
  CHECK(g.here.push(lane::presence, 1, {message_kind::service, "presence", "beat"}).what == fate::queued);
  CHECK(g.here.push(lane::rpc, 2, {message_kind::signal, {}, bytes("a\0b", 3)}).what == fate::queued);
  CHECK(g.here.push(lane::broadcast, 3, {message_kind::service, bytes(service_octets_max, 's'), {}}).what
        == fate::queued);
  g.pass_everything();
  CHECK(g.arrived
        == std::vector<arrival>{{lane::rpc, message_kind::signal, "", bytes("a\0b", 3)},
                                {lane::presence, message_kind::service, "presence", "beat"},
                                {lane::broadcast, message_kind::service, bytes(service_octets_max, 's'), ""}});
  CHECK(g.here.count().messages_out == 3);
  CHECK(g.there.count().messages_in == 3);
  CHECK(g.here.count().octets_out == g.there.count().octets_in);
}

TEST_CASE("recorded envelopes of the first release are read, and written the same today") {
  gate::limits l;
  l.envelope_octets_max = gate::envelope_octets_least;
  gate_pair g{l};
  (void)g.here.push(lane::rpc, 1, {message_kind::signal, {}, "ping"});
  (void)g.here.push(lane::presence, 1, {message_kind::service, "pg", "join"});
  (void)g.here.push(lane::broadcast, 2, {message_kind::signal, {}, bytes(1500, 'x')});
  auto first = g.here.next().value(), second = g.here.next().value();
  // Version, connection, number; a whole signal in lane 1, a whole message for a service in lane 2.
  bytes recorded{"\x01\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\0"
                 "\x01\x05\x02"
                 "ping"
                 "\x02\x08\x01\x02"
                 "pgjoin",
                 34};
  // The first piece of transfer 1 in lane 3, of a message of 1,501 octets, and the last one in the next envelope.
  auto head = bytes("\x07\x01\xdd\x0b", 4);
  CHECK(first.substr(0, recorded.size()) == recorded);
  CHECK(first.substr(recorded.size(), head.size()) == head);
  CHECK(second.substr(0, 19)
        == bytes("\x01\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x01"
                 "\x0b\x01",
                 19));
  CHECK(g.there.receive(first, g.sink).ok());
  CHECK(g.there.receive(second, g.sink).ok());
  REQUIRE(g.arrived.size() == 3);
  CHECK(g.arrived[0].payload == "ping");
  CHECK(g.arrived[1] == arrival{lane::presence, message_kind::service, "pg", "join"});
  CHECK(g.arrived[2].payload == bytes(1500, 'x'));
}

TEST_CASE("a large payload is moved into the gate, a small one or a refused one is left alone") {
  gate::limits l;
  l.message_octets_max = 200'000;
  gate_pair g{l};
  auto small = pattern(100), medium = pattern(20'000), large = pattern(150'000), huge = pattern(200'001);
  const auto copies = std::vector{small, medium, large};
  CHECK(g.here.push(lane::rpc, 1, {message_kind::signal}, std::move(huge)).what == fate::too_large);
  CHECK(huge == pattern(200'001));
  CHECK(g.here.push(lane::rpc, 1, {message_kind::service, "svc"}, std::move(small)).what == fate::queued);
  CHECK(g.here.push(lane::rpc, 1, {message_kind::service, "svc"}, std::move(medium)).what == fate::queued);
  CHECK(g.here.push(lane::rpc, 1, {message_kind::service, "svc"}, std::move(large)).what == fate::queued);
  CHECK(small == copies[0]);
  CHECK(large.empty());
  g.pass_everything();
  REQUIRE(g.arrived.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(g.arrived[i] == arrival{lane::rpc, message_kind::service, "svc", copies[i]});
}

TEST_CASE("many small messages go in one envelope") {
  gate_pair g;
  for (int i = 0; i < 300; ++i)
    CHECK(g.push(lane::rpc, static_cast<std::uint64_t>(i), "sixty-four octets or so") == fate::queued);
  CHECK(g.send() == 1);
  g.deliver_one();
  CHECK(g.arrived.size() == 300);
  CHECK_FALSE(g.here.next().has_value());
}

TEST_CASE("DS2 bulks of 32 and 64 KiB arrive intact") {
  gate_pair g;
  for (std::size_t octets : {std::size_t{32} << 10, std::size_t{64} << 10}) {
    g.arrived.clear();
    auto count = (std::size_t{2} << 20) / octets;
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < count; ++i) {
      sent.push_back(pattern(octets, i));
      CHECK(g.push(lane::rpc, 1, sent.back()) == fate::queued);
    }
    g.pass_everything();
    REQUIRE(g.arrived.size() == count);
    for (std::size_t i = 0; i < count; ++i)
      CHECK(g.arrived[i].payload == sent[i]);
  }
  CHECK(total(g.here.count().waiting_octets) == 0);
}

TEST_CASE("DS3 a smaller limit means more back-pressure, and the same delivery") {
  std::map<std::size_t, int> busy;
  for (std::size_t octets_max : {std::size_t{200} << 10, std::size_t{4} << 20}) {
    gate::limits l;
    l.lane_octets[1] = octets_max;
    gate_pair g{l};
    for (std::uint64_t i = 0; i < 64; ++i)
      while (g.push(lane::rpc, 1, pattern(64 << 10, i)) == fate::busy) {
        ++busy[octets_max];
        REQUIRE(g.pass_one());
      }
    g.pass_everything();
    REQUIRE(g.arrived.size() == 64);
    for (std::uint64_t i = 0; i < 64; ++i)
      CHECK(g.arrived[i].payload == pattern(64 << 10, i));
  }
  CHECK(busy[std::size_t{4} << 20] < busy[std::size_t{200} << 10]);
}

TEST_CASE("DS5 signals made while the way out is full take effect once it drains") {
  gate_pair g;
  // The peer reads nothing: the window is shut, and the lane fills up behind it.
  std::size_t bulk = 0;
  while (g.push(lane::rpc, 1, pattern(100 << 10)) == fate::queued) {
    ++bulk;
    (void)g.send();
  }
  CHECK_FALSE(g.here.next().has_value());
  CHECK(g.push(lane::rpc, 1, "exit") == fate::queued);
  CHECK(g.push(lane::rpc, 2, "monitor") == fate::queued);
  g.pass_everything();
  REQUIRE(g.arrived.size() == bulk + 2);
  // Behind what its sender sent before, and before what others did.
  CHECK(g.arrived.back().payload == "exit");
  std::size_t at = 0;
  while (g.arrived[at].payload != "monitor")
    ++at;
  CHECK(at < 10);
}

TEST_CASE("DS12 a huge message does not delay the small ones of other senders") {
  gate_pair g;
  auto huge = pattern(50'000'000);
  CHECK(g.push(lane::rpc, 1, huge) == fate::queued);
  for (std::size_t sent = 1; g.arrived.empty() || g.arrived.back().payload != huge; ++sent) {
    CHECK(g.push(lane::rpc, 2, "call") == fate::queued);
    CHECK(g.push(lane::presence, 2, "beat") == fate::queued);
    REQUIRE(g.pass_one());
    REQUIRE(g.arrived.size() >= 2 * sent);
    if (g.arrived.size() > 2 * sent)
      break;
  }
  CHECK(std::ranges::count_if(g.arrived, [&](const arrival& a) { return a.payload == huge; }) == 1);
  CHECK(g.arrived.size() > 1000);
}

TEST_CASE("DS12 calls of others pass a large message of the same lane in the very next envelope") {
  gate_pair g;
  CHECK(g.push(lane::rpc, 1, pattern(10'000'000)) == fate::queued);
  REQUIRE(g.pass_one());
  for (int i = 0; i < 200; ++i) {
    auto call = "call " + std::to_string(i);
    CHECK(g.push(lane::rpc, 2, call) == fate::queued);
    REQUIRE(g.pass_one());
    REQUIRE_FALSE(g.arrived.empty());
    CHECK(g.arrived.back().payload == call);
  }
  CHECK(g.push(lane::rpc, 1, "after the large one") == fate::queued);
  g.pass_everything();
  CHECK(g.arrived.back().payload == "after the large one");
  CHECK(g.arrived[g.arrived.size() - 2].payload == pattern(10'000'000));
}

TEST_CASE("D66 large messages are interleaved, in turn, however many there are") {
  for (std::uint64_t others = 1; others < 8; ++others) {
    CAPTURE(others);
    gate_pair g;
    for (std::uint64_t flow = 0; flow < others; ++flow)
      CHECK(g.push(lane::rpc, flow, pattern(1 << 20, flow)) == fate::queued);
    CHECK(g.push(lane::rpc, 99, pattern(100 << 10, 99)) == fate::queued);
    g.pass_everything();
    REQUIRE(g.arrived.size() == others + 1);
    CHECK(g.arrived[0].payload == pattern(100 << 10, 99));
  }
}

TEST_CASE(
    "D66 more large messages than may be in pieces at once: they come one after the other, small ones still pass") {
  gate::limits l;
  l.transfers_max = 2;
  gate_pair g{l};
  for (std::uint64_t flow = 0; flow < 10; ++flow)
    CHECK(g.push(lane::rpc, flow, pattern(200 << 10, flow)) == fate::queued);
  for (std::uint64_t flow = 0; flow < 10; ++flow)
    CHECK(g.push(lane::rpc, flow, "behind") == fate::queued);
  CHECK(g.push(lane::rpc, 99, "free") == fate::queued);
  REQUIRE(g.pass_one());
  REQUIRE(g.pass_one());
  REQUIRE_FALSE(g.arrived.empty());
  CHECK(g.arrived.front().payload == "free");
  g.pass_everything();
  REQUIRE(g.arrived.size() == 21);
  std::size_t behind = 0;
  for (const auto& a : g.arrived)
    behind += a.payload == "behind" ? 1 : 0;
  CHECK(behind == 10);
}

TEST_CASE("D66 no more large messages are in pieces at once than the far gate accepts, however many are allowed here") {
  gate::limits l;
  l.transfers_max = 1'000'000;
  gate_pair g{l};
  for (std::uint64_t flow = 0; flow < 3 * gate::transfers_top; ++flow)
    CHECK(g.push(lane::rpc, flow, pattern(50'000, flow)) == fate::queued);
  g.pass_everything();
  CHECK(g.arrived.size() == 3 * gate::transfers_top);
}

TEST_CASE("D41 an envelope is shorter than a frame, so that a tick waits behind one frame at most") {
  gate_pair g;
  CHECK(g.push(lane::rpc, 1, pattern(5'000'000)) == fate::queued);
  for (int i = 0; i < 2000; ++i)
    (void)g.push(lane::broadcast, 1, pattern(1000));
  while (auto envelope = g.here.next()) {
    CHECK(envelope->size() <= gate::limits{}.envelope_octets_max);
    CHECK(envelope->size() < relay_frame_octets_max);
    CHECK(g.here.note_credit(envelope->size()).ok());
  }
}

TEST_CASE("a higher lane always goes first") {
  gate_pair g;
  for (auto where : {lane::broadcast, lane::presence, lane::rpc, lane::control})
    for (int i = 0; i < 3; ++i)
      CHECK(g.push(where, 1, "x") == fate::queued);
  CHECK(g.send() == 1);
  g.deliver_one();
  REQUIRE(g.arrived.size() == 12);
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(static_cast<std::size_t>(g.arrived[i].where) == i / 3);
}

TEST_CASE("a lower lane is not starved by calls that never end") {
  gate_pair g;
  CHECK(g.push(lane::presence, 1, pattern(15'000)) == fate::queued);
  CHECK(g.push(lane::broadcast, 1, pattern(300'000)) == fate::queued);
  std::size_t envelopes = 0;
  bool has_presence = false, has_broadcast = false;
  for (; envelopes < 1000 && !(has_presence && has_broadcast); ++envelopes) {
    while (g.here.count().waiting_octets[1] < (100U << 10))
      CHECK(g.push(lane::rpc, 1, pattern(900)) == fate::queued);
    REQUIRE(g.pass_one());
    for (const auto& a : g.arrived) {
      has_presence = has_presence || a.where == lane::presence;
      has_broadcast = has_broadcast || a.where == lane::broadcast;
    }
    if (has_presence)
      CHECK(envelopes >= gate::passed_over_max);
    g.arrived.clear();
  }
  CHECK(has_presence);
  CHECK(has_broadcast);
  CHECK(envelopes < (gate::passed_over_max + 1) * 21);
}

TEST_CASE("the window shuts, and opens with credit") {
  gate::limits l;
  l.window_octets = 128 << 10;
  gate_pair g{l};
  CHECK(g.push(lane::rpc, 1, pattern(1 << 20)) == fate::queued);
  auto sent = g.send();
  CHECK(sent == 4);
  auto on_the_way = g.here.count().on_the_way_octets;
  CHECK(on_the_way <= l.window_octets);
  CHECK(on_the_way > l.window_octets - l.envelope_octets_max);
  CHECK_FALSE(g.here.next().has_value());
  SUBCASE("what was handled is told from a quarter of the window on") {
    CHECK(g.there.receive(g.wire[0], g.sink).ok());
    CHECK(g.there.take_credit() == 0);
    CHECK(g.there.receive(g.wire[1], g.sink).ok());
    auto credit = g.there.take_credit();
    CHECK(credit == g.wire[0].size() + g.wire[1].size());
    CHECK(g.there.take_credit() == 0);
    CHECK(g.here.note_credit(credit).ok());
    CHECK(g.send() == 2);
    CHECK_FALSE(g.here.next().has_value());
  }
  SUBCASE("less is not worth a frame") {
    gate_pair small{l};
    CHECK(small.push(lane::rpc, 1, "x") == fate::queued);
    CHECK(small.send() == 1);
    CHECK(small.there.receive(small.wire.front(), small.sink).ok());
    CHECK(small.there.take_credit() == 0);
  }
  SUBCASE("credit for more than is on the way is an error") {
    auto done = g.here.note_credit(on_the_way + 1);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().code == errc::corrupt);
    CHECK(g.here.count().on_the_way_octets == on_the_way);
    CHECK(g.here.note_credit(on_the_way).ok());
    CHECK_FALSE(g.here.note_credit(1).ok());
  }
}

TEST_CASE("nodes with windows of different sizes do not wait for each other for ever") {
  gate::limits small, large;
  small.window_octets = 96 << 10;
  large.window_octets = 16 << 20;
  gate here{1, small}, there{1, large};
  std::size_t arrived = 0;
  auto big = pattern(3'000'000);
  CHECK(here.push(lane::rpc, 1, signal_of(big)).what == fate::queued);
  while (auto envelope = here.next()) {
    CHECK(there.receive(*envelope, [&](lane, const link_message& m) { arrived += m.payload.size(); }).ok());
    CHECK(here.note_credit(there.take_credit()).ok());
  }
  CHECK(arrived == big.size());
}

}  // namespace beamline::net
