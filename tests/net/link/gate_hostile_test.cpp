#include "gates.hpp"

namespace beamline::net {

namespace {

constexpr std::uint64_t connection = 7;

gate::limits small_envelopes() {
  gate::limits l;
  l.envelope_octets_max = gate::envelope_octets_least;
  l.message_octets_max = 100'000;
  return l;
}

/// Envelopes of an ordinary conversation, with everything that can be in one.
std::vector<bytes> recorded_envelopes() {
  gate_pair g{small_envelopes()};
  (void)g.here.push(lane::rpc, 1, signal_of("call"));
  (void)g.here.push(lane::presence, 1, {message_kind::service, "presence", "beat"});
  (void)g.here.push(lane::broadcast, 2, signal_of(pattern(1800)));
  (void)g.here.push(lane::broadcast, 3, signal_of(pattern(900, 2)));
  (void)g.here.push(lane::broadcast, 2, signal_of("behind"));
  std::vector<bytes> all;
  while (auto envelope = g.here.next())
    all.push_back(std::move(*envelope));
  return all;
}

/// Octets of an envelope by hand.
struct envelope_of {
  byte_writer w;
  explicit envelope_of(std::uint64_t number, std::uint64_t of_connection = connection, std::uint8_t version = 1) {
    w.u8(version);
    w.u64(of_connection);
    w.u64(number);
  }
  envelope_of& whole(std::size_t where, std::string_view message) {
    w.u8(item_head(where, item_form::whole));
    w.blob(message);
    return *this;
  }
  envelope_of& first(std::size_t where, std::uint64_t id, std::uint64_t size, std::string_view piece) {
    w.u8(item_head(where, item_form::first));
    w.varint(id);
    w.varint(size);
    w.blob(piece);
    return *this;
  }
  envelope_of& more(std::size_t where, std::uint64_t id, std::string_view piece) {
    w.u8(item_head(where, item_form::more));
    w.varint(id);
    w.blob(piece);
    return *this;
  }
};

/// One gate that hears what its peer should not say.
struct victim {
  gate g{connection, small_envelopes()};
  std::vector<std::string> came;
  std::uint64_t number = 0;

  result<void> hear(const bytes& envelope) {
    return g.receive(envelope, [&](lane, const link_message& m) { came.emplace_back(m.payload); });
  }
  errc refuse(const bytes& envelope) {
    auto done = hear(envelope);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().message.find("connection 7") != std::string::npos);
    auto again = hear(envelope_of{0}.whole(1, "\2x").w.take());
    REQUIRE_FALSE(again.ok());
    CHECK(again.error() == done.error());
    CHECK(g.count().unfinished_octets == 0);
    return done.error().code;
  }
};

}  // namespace

TEST_CASE("D68 an envelope that is not the next one of this connection ends the link") {
  victim v;
  SUBCASE("of another version") {
    CHECK(v.refuse(envelope_of{0, connection, 2}.whole(1, "\2x").w.take()) == errc::corrupt);
  }
  SUBCASE("of another connection") { CHECK(v.refuse(envelope_of{0, 8}.whole(1, "\2x").w.take()) == errc::corrupt); }
  SUBCASE("one is missing") { CHECK(v.refuse(envelope_of{1}.whole(1, "\2x").w.take()) == errc::corrupt); }
  SUBCASE("one comes twice") {
    CHECK(v.hear(envelope_of{0}.whole(1, "\2x").w.take()).ok());
    CHECK(v.refuse(envelope_of{0}.whole(1, "\2x").w.take()) == errc::corrupt);
    CHECK(v.came.size() == 1);
  }
  SUBCASE("nothing at all") { CHECK(v.refuse("") == errc::corrupt); }
  SUBCASE("nothing in it") { CHECK(v.refuse(envelope_of{0}.w.take()) == errc::corrupt); }
  SUBCASE("too long") {
    CHECK(v.refuse(envelope_of{0}.whole(1, "\2" + bytes(gate::envelope_octets_top, 'x')).w.take()) == errc::too_large);
  }
}

TEST_CASE("D68 an item that cannot be read ends the link; what came before it was delivered") {
  victim v;
  auto good = "\2good";
  SUBCASE("an unknown form") {
    auto e = envelope_of{0}.whole(1, good).w.take() + "\x0d\1x";
    CHECK(v.refuse(e) == errc::corrupt);
  }
  SUBCASE("a head with bits that mean nothing") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).w.take() + "\x81\2x") == errc::corrupt);
  }
  SUBCASE("a message of no kind") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).whole(1, "").w.take()) == errc::corrupt);
  }
  SUBCASE("a message of an unknown kind") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).whole(1, "\3x").w.take()) == errc::corrupt);
  }
  SUBCASE("a service whose name is cut off") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).whole(1, "\1\5pg").w.take()) == errc::corrupt);
  }
  SUBCASE("a service with too long a name") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).whole(1, "\1\x80\2" + bytes(256, 's')).w.take()) == errc::too_large);
  }
  SUBCASE("a length beyond the envelope") {
    CHECK(v.refuse(envelope_of{0}.whole(1, good).w.take() + "\1\x20xx") == errc::corrupt);
  }
  CHECK(v.came == std::vector<std::string>{"good"});
}

TEST_CASE("D66 pieces that do not belong together end the link") {
  victim v;
  SUBCASE("more of what has not begun") { CHECK(v.refuse(envelope_of{0}.more(1, 1, "x").w.take()) == errc::corrupt); }
  SUBCASE("a transfer begins twice") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 9, "\2x").first(1, 1, 9, "\2x").w.take()) == errc::corrupt);
  }
  SUBCASE("more of it in another lane") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 9, "\2x").more(2, 1, "x").w.take()) == errc::corrupt);
  }
  SUBCASE("more than was announced") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 3, "\2x").more(1, 1, "xx").w.take()) == errc::corrupt);
  }
  SUBCASE("more than was announced, at once") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 1, "\2x").w.take()) == errc::corrupt);
  }
  SUBCASE("an empty piece") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 3, "\2x").more(1, 1, "").w.take()) == errc::corrupt);
  }
  SUBCASE("an empty message") { CHECK(v.refuse(envelope_of{0}.first(1, 1, 0, "").w.take()) == errc::corrupt); }
  SUBCASE("more of it when it was complete") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, 3, "\2x").more(1, 1, "x").more(1, 1, "x").w.take()) == errc::corrupt);
    CHECK(v.came == std::vector<std::string>{"xx"});
  }
}

TEST_CASE("D66 what is announced is bounded, and nothing is kept for what is refused") {
  victim v;
  auto most = small_envelopes().message_octets_max + message_head_octets_max;
  auto lane_most = small_envelopes().lane_octets[0] + most;
  SUBCASE("one that is too large") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, most + 1, "\2x").w.take()) == errc::too_large);
  }
  SUBCASE("a length of 64 bits") {
    CHECK(v.refuse(envelope_of{0}.first(1, 1, ~std::uint64_t{0}, "\2x").w.take()) == errc::too_large);
  }
  SUBCASE("many that are too large together") {
    std::uint64_t id = 0;
    for (auto left = lane_most; left >= most; left -= most, ++id)
      CHECK(v.hear(envelope_of{id}.first(0, id, most, "\2x").w.take()).ok());
    CHECK(v.g.count().unfinished_octets == 2 * id);
    CHECK(v.refuse(envelope_of{id}.first(0, id, most, "\2x").w.take()) == errc::too_large);
  }
  SUBCASE("many small ones") {
    for (std::uint64_t id = 0; id < gate::transfers_top; ++id)
      CHECK(v.hear(envelope_of{id}.first(3, id, 100, "\2x").w.take()).ok());
    CHECK(v.refuse(envelope_of{gate::transfers_top}.first(3, 999, 100, "\2x").w.take()) == errc::too_large);
  }
}

TEST_CASE("D68 every flipped bit and every cut of a recorded envelope is refused, or is another message: never harm") {
  auto recorded = recorded_envelopes();
  REQUIRE(recorded.size() >= 3);
  std::size_t refused = 0, taken = 0;
  auto hear_all = [&](std::size_t which, const bytes& changed) {
    gate g{connection, small_envelopes()};
    auto sink = [](lane, const link_message&) {};
    for (std::size_t i = 0; i < recorded.size(); ++i)
      if (!g.receive(i == which ? changed : recorded[i], sink)) {
        CHECK(i >= which);
        ++refused;
        return;
      }
    ++taken;
  };
  for (std::size_t which = 0; which < recorded.size(); ++which) {
    for (std::size_t bit = 0; bit < recorded[which].size() * 8; ++bit) {
      auto flipped = recorded[which];
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      hear_all(which, flipped);
    }
    for (std::size_t length = 0; length < recorded[which].size(); ++length)
      hear_all(which, recorded[which].substr(0, length));
  }
  CHECK(refused > 1000);
  CHECK(taken > 1000);
}

TEST_CASE("D68 random octets behind the head of an envelope never do harm") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    seeded_random random{seed};
    victim v;
    for (std::uint64_t number = 0; number < 5; ++number) {
      auto e = envelope_of{number}.w.take();
      for (auto octets = 1 + random.below(30); octets > 0; --octets)
        e.push_back(static_cast<char>(random.below(random.below(2) == 0 ? 14 : 256)));
      if (!v.hear(e))
        break;
    }
  }
}

}  // namespace beamline::net
