#include "gates.hpp"

#include <algorithm>

namespace beamline::net {

namespace {

gate::limits small_lanes() {
  gate::limits l;
  l.lane_octets = {10'000, 10'000, 10'000, 10'000};
  return l;
}

}  // namespace

TEST_CASE("D67 when a lane is full, rpc and presence refuse, and nothing that waits is lost") {
  for (auto where : {lane::rpc, lane::presence}) {
    gate_pair g{small_lanes()};
    std::size_t queued = 0;
    for (; g.push(where, 1, pattern(100, queued)) == fate::queued;)
      ++queued;
    CHECK(queued > 70);
    CHECK(queued < 100);
    CHECK(g.push(where, 2, pattern(100)) == fate::busy);
    CHECK(g.here.count().refused == 2);
    CHECK(g.here.count().waiting_octets[static_cast<std::size_t>(where)] <= 10'000);
    SUBCASE("others are not") {
      for (auto other : {lane::control, lane::rpc, lane::presence, lane::broadcast})
        if (other != where)
          CHECK(g.push(other, 1, "x") == fate::queued);
    }
    g.pass_everything();
    CHECK(std::ranges::count_if(g.arrived, [&](const arrival& a) { return a.where == where; })
          == static_cast<std::ptrdiff_t>(queued));
    CHECK(g.push(where, 2, "x") == fate::queued);
  }
}

TEST_CASE("D67 when control is full the link is at its end") {
  gate_pair g{small_lanes()};
  fate last{};
  for (int i = 0; i < 1000 && last == fate::queued; ++i)
    last = g.push(lane::control, 1, pattern(100));
  CHECK(last == fate::overflow);
}

TEST_CASE("D67 when broadcast is full its oldest go, and are counted") {
  gate_pair g{small_lanes()};
  constexpr int pushed = 1000;
  std::uint64_t dropped = 0;
  for (int i = 0; i < pushed; ++i) {
    auto text = std::to_string(i);
    auto done = g.here.push(lane::broadcast, 1, signal_of(text + bytes(100 - text.size(), '.')));
    CHECK(done.what == fate::queued);
    dropped += done.dropped;
  }
  CHECK(dropped > 900);
  CHECK(g.here.count().broadcasts_dropped == dropped);
  CHECK(g.here.count().refused == 0);
  g.pass_everything();
  REQUIRE(g.arrived.size() + dropped == pushed);
  for (std::size_t i = 0; i < g.arrived.size(); ++i)
    CHECK(std::stoull(g.arrived[i].payload) == i + dropped);
}

TEST_CASE("D67 a broadcast of which some is on the way is not dropped, what waits behind it is") {
  auto l = small_lanes();
  l.envelope_octets_max = gate::envelope_octets_least;
  l.window_octets = 2 * gate::envelope_octets_least;
  gate_pair g{l};
  CHECK(g.push(lane::broadcast, 1, pattern(5000)) == fate::queued);
  CHECK(g.send() == 2);
  CHECK(g.push(lane::broadcast, 1, "behind it") == fate::queued);
  CHECK(g.push(lane::broadcast, 2, "of another") == fate::queued);
  REQUIRE(g.wire.size() == 2);
  SUBCASE("as long as that makes room") {
    CHECK(g.here.push(lane::broadcast, 3, signal_of(pattern(4940))).dropped == 2);
    g.pass_everything();
    REQUIRE(g.arrived.size() == 2);
    CHECK(g.arrived[0].payload == pattern(5000));
    CHECK(g.arrived[1].payload == pattern(4940));
  }
  SUBCASE("else the new one is refused, and nothing is dropped for it") {
    CHECK(g.push(lane::broadcast, 3, pattern(5100)) == fate::busy);
    CHECK(g.here.count().refused == 1);
    CHECK(g.here.count().broadcasts_dropped == 0);
    g.pass_everything();
    CHECK(g.arrived.size() == 3);
  }
  SUBCASE("also once they were put aside behind it") {
    g.deliver_one();
    g.deliver_one();
    REQUIRE(g.pass_one());
    // "of another" has gone, "behind it" waits in the transfer: it is the oldest.
    CHECK(g.push(lane::broadcast, 4, "young") == fate::queued);
    CHECK(g.here.push(lane::broadcast, 3, signal_of(pattern(4910))).dropped == 1);
    g.pass_everything();
    auto came = [&](std::string_view what) {
      return std::ranges::count_if(g.arrived, [&](const arrival& a) { return a.payload == what; });
    };
    CHECK(came("behind it") == 0);
    CHECK(came("young") == 1);
    CHECK(came("of another") == 1);
    CHECK(came(pattern(5000)) == 1);
    CHECK(came(pattern(4910)) == 1);
  }
}

TEST_CASE("D67 a large broadcast that has gone takes no room any more") {
  auto l = small_lanes();
  l.envelope_octets_max = gate::envelope_octets_least;
  gate_pair g{l};
  for (int i = 0; i < 5; ++i) {
    CHECK(g.push(lane::broadcast, 1, pattern(9000)) == fate::queued);
    g.pass_everything();
  }
  for (int i = 0; i < 200; ++i)
    CHECK(g.push(lane::broadcast, 1, pattern(100)) == fate::queued);
  CHECK(g.here.count().refused == 0);
}

TEST_CASE("D67 of broadcasts that wait behind several large ones the oldest of all goes") {
  auto l = small_lanes();
  l.envelope_octets_max = gate::envelope_octets_least;
  l.window_octets = 2 * gate::envelope_octets_least;
  gate_pair g{l};
  for (std::uint64_t flow : {1, 2})
    CHECK(g.push(lane::broadcast, flow, pattern(2000, flow)) == fate::queued);
  CHECK(g.push(lane::broadcast, 2, "older") == fate::queued);
  CHECK(g.push(lane::broadcast, 1, "younger") == fate::queued);
  CHECK(g.send() == 2);
  CHECK(g.here.push(lane::broadcast, 3, signal_of(pattern(5869))).dropped == 1);
  g.pass_everything();
  CHECK(g.arrived.size() == 4);
  CHECK(std::ranges::none_of(g.arrived, [](const arrival& a) { return a.payload == "older"; }));
}

TEST_CASE("a message larger than its lane is taken beside it, one at a time, and others still find room") {
  for (auto where : {lane::control, lane::rpc, lane::presence, lane::broadcast}) {
    CAPTURE(static_cast<int>(where));
    auto refused = where == lane::control ? fate::overflow : fate::busy;
    gate_pair g{small_lanes()};
    auto large = pattern(1'000'000);
    CHECK(g.push(where, 1, pattern(9000)) == fate::queued);
    CHECK(g.push(where, 1, large) == fate::queued);
    CHECK(g.push(where, 2, large) == refused);
    CHECK(g.push(where, 2, "x") == fate::queued);
    SUBCASE("also when some of it is on the way") {
      CHECK(g.pass_one());
      CHECK(g.push(where, 2, "y") == fate::queued);
      CHECK(g.push(where, 2, pattern(9900)) == fate::queued);
      CHECK(g.push(where, 2, large) == refused);
    }
    g.pass_everything();
    REQUIRE(g.arrived.size() >= 3);
    CHECK(std::ranges::count_if(g.arrived, [&](const arrival& a) { return a.payload == large; }) == 1);
    CHECK(g.arrived.back().payload == large);
    CHECK(g.push(where, 1, large) == fate::queued);
    CHECK(total(g.here.count().waiting_octets) == large.size() + 1 + sizeof(message_queue::entry));
  }
}

TEST_CASE("a message that is too large is refused") {
  gate::limits l;
  l.message_octets_max = 100'000;
  gate_pair g{l};
  CHECK(g.push(lane::rpc, 1, pattern(100'000)) == fate::queued);
  CHECK(g.push(lane::rpc, 1, pattern(100'001)) == fate::too_large);
  CHECK(g.here.push(lane::rpc, 1, {message_kind::service, "s", pattern(100'000)}).what == fate::too_large);
  CHECK(g.here.push(lane::rpc, 1, {message_kind::service, bytes(service_octets_max + 1, 's'), "x"}).what
        == fate::too_large);
  g.pass_everything();
  CHECK(g.arrived.size() == 1);
}

TEST_CASE(
    "SY10 a slow peer and a flood of broadcasts: calls and presence still pass, broadcasts are dropped and counted") {
  gate_pair g;
  std::uint64_t dropped = 0;
  // One envelope goes for a thousand broadcasts that come.
  for (int turn = 0; turn < 200; ++turn) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
      auto done = g.here.push(lane::broadcast, i % 7, signal_of(pattern(500)));
      CHECK(done.what == fate::queued);
      dropped += done.dropped;
    }
    auto mark = std::to_string(turn);
    CHECK(g.push(lane::control, 1, "tick " + mark) == fate::queued);
    CHECK(g.push(lane::rpc, 1, "call " + mark) == fate::queued);
    CHECK(g.push(lane::presence, 1, "beat " + mark) == fate::queued);
    g.arrived.clear();
    REQUIRE(g.pass_one());
    REQUIRE(g.arrived.size() > 3);
    CHECK(g.arrived[0].payload == "tick " + mark);
    CHECK(g.arrived[1].payload == "call " + mark);
    CHECK(g.arrived[2].payload == "beat " + mark);
    CHECK(g.here.count().waiting_octets[3] <= gate::limits{}.lane_octets[3]);
  }
  CHECK(dropped > 100'000);
  CHECK(g.here.count().broadcasts_dropped == dropped);
  CHECK(g.here.count().refused == 0);
}

TEST_CASE("a peer that is stopped costs at most the lanes' budgets, however small the messages are") {
  gate_pair g{small_lanes()};
  for (auto where : {lane::rpc, lane::presence, lane::broadcast})
    for (int i = 0; i < 10'000; ++i)
      (void)g.push(where, 1, "");
  auto c = g.here.count();
  for (std::size_t i = 1; i < lanes; ++i) {
    CHECK(c.waiting_octets[i] <= 10'000);
    // What a message takes beside its octets counts as well.
    CHECK(c.waiting_messages[i] < 10'000 / 24);
  }
}

}  // namespace beamline::net
