#include "net/middleman/basp_frames.hpp"

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "net/middleman/two_carriers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::testing;
using net::link_side;

namespace {

constexpr std::uint64_t door = 77;
constexpr std::uint64_t far_door = 13;

bytes node_id_of(char host) {
  auto id = bytes{"\0\0>\x9a\xab\x9b\xacy", 8};
  return id + bytes{"\x01\x02\x03\x04", 4} + bytes(20, host);
}

const net::basp::dialect& caf_speaks() {
  static const auto d = net::basp::dialect{.node_id = node_id_of('a'),
                                           .handshake_middle = "\x01\x0fgeneric-caf-app",
                                           .envelope_begin = bytes{"\0\0\0\x0a@<>+bl.env", 14},
                                           .handshake_version = 3,
                                           .message_id = 0x1000000000000000};
  return d;
}

struct basp_message {
  int what = 2;
  int flags = 0;
  std::uint64_t data = 0;
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  bytes payload{};
  std::uint32_t more = 0;  // Announced, but not there.

  [[nodiscard]] bytes encode() const {
    byte_writer out;
    out.u8(static_cast<std::uint8_t>(what));
    out.u16(0);
    out.u8(static_cast<std::uint8_t>(flags));
    out.u32(static_cast<std::uint32_t>(payload.size()) + more);
    out.u64(data);
    out.u64(source);
    out.u64(destination);
    out.raw(payload);
    return out.take();
  }
};

basp_message client_handshake(int flags, char host = 'b') {
  return {.what = 1, .flags = flags, .payload = node_id_of(host)};
}

basp_message server_handshake(char host = 'b') {
  byte_writer id;
  id.u64(far_door);
  return {
      .what = 0, .data = 3, .payload = node_id_of(host) + caf_speaks().handshake_middle + id.take() + bytes(1, '\0')};
}

basp_message envelope(const bytes& octets, std::uint64_t source = 0) {
  byte_writer payload;
  payload.raw(caf_speaks().envelope_begin);
  payload.blob(octets);
  return {.data = caf_speaks().message_id, .source = source, .destination = door, .payload = payload.take()};
}

bytes dialler_says() {
  return client_handshake(0).encode() + client_handshake(2).encode() + envelope("", far_door).encode()
       + envelope("one").encode() + envelope(bytes(32768, 'x')).encode() + envelope("").encode();
}

bytes acceptor_says() {
  return server_handshake().encode() + envelope("one").encode() + envelope(bytes(300, 'x')).encode();
}

net::basp::inspector inspector_of(link_side here) {
  return net::basp::inspector{{.here = here, .door = door, .caf = &caf_speaks(), .claim = {}}};
}

std::string why(link_side here, const bytes& octets) {
  auto i = inspector_of(here);
  auto fine = i.feed(octets);
  return fine ? "" : fine.error().message;
}

bool says(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("what carriers say to each other passes, in whatever pieces it comes") {
  CHECK(why(link_side::acceptor, dialler_says()) == "");
  CHECK(why(link_side::dialler, acceptor_says()) == "");
  for (auto piece : {1, 2, 7, 31, 32, 33, 1000}) {
    auto i = inspector_of(link_side::acceptor);
    auto all = dialler_says();
    for (auto at = std::size_t{0}; at < all.size(); at += static_cast<std::size_t>(piece))
      CHECK(i.feed(std::string_view{all}.substr(at, static_cast<std::size_t>(piece))));
    CHECK(i.envelopes() == 3);  // The hello is none.
    CHECK(i.feed(std::string_view{envelope("two").encode()}.substr(0, 49)));
    CHECK(i.envelopes() == 3);
  }
}

TEST_CASE("a handshake without a payload, which crashes CAF, is refused") {
  CHECK(says(why(link_side::acceptor, basp_message{.what = 1}.encode()), "has 0 octets, not 32"));
  CHECK(says(why(link_side::dialler, basp_message{.what = 0, .data = 3}.encode()), "has 0 octets, not 58"));
}

TEST_CASE("an announced length out of bounds is refused before anything of it comes") {
  auto text = why(link_side::dialler,
                  server_handshake().encode() + basp_message{.destination = door, .more = 0xffffffff}.encode());
  CHECK(says(text, "announces 4294967295 octets, the most is 69632"));
}

TEST_CASE("handshakes come in the right direction, once, and with one node id") {
  CHECK(says(why(link_side::acceptor, server_handshake().encode()), "came from the wrong side"));
  CHECK(says(why(link_side::dialler, client_handshake(0).encode()), "came from the wrong side"));
  CHECK(says(why(link_side::dialler, server_handshake().encode() + server_handshake().encode()), "once too often"));
  auto both = client_handshake(0).encode() + client_handshake(2).encode();
  CHECK(says(why(link_side::acceptor, both + client_handshake(2).encode()), "once too often"));
  CHECK(says(why(link_side::acceptor, client_handshake(2).encode()), "a header that CAF does not write"));
  CHECK(says(why(link_side::acceptor, client_handshake(0).encode() + client_handshake(2, 'c').encode()),
             "another node id than the first"));
}

TEST_CASE("a peer with this node's own CAF node id is refused, and the cause is named") {
  CHECK(says(why(link_side::acceptor, client_handshake(0, 'a').encode()), "this node's own CAF node id"));
  CHECK(says(why(link_side::dialler, server_handshake('a').encode()), "this node's own CAF node id"));
  CHECK(says(why(link_side::dialler, server_handshake('\0').encode()), "names no node"));
}

TEST_CASE("a peer with the CAF node id of another link is refused") {
  auto asked = std::vector<bytes>{};
  auto i =
      net::basp::inspector{{.here = link_side::acceptor, .door = door, .caf = &caf_speaks(), .claim = [&](auto id) {
                              asked.emplace_back(id);
                              return false;
                            }}};
  auto fine = i.feed(client_handshake(0).encode());
  REQUIRE_FALSE(fine);
  CHECK(says(fine.error().message, "another link"));
  CHECK(asked == std::vector<bytes>{node_id_of('b')});
}

TEST_CASE("nothing but envelopes to the door comes after the handshake") {
  auto begin = server_handshake().encode();
  auto refused = [&](basp_message m) { return why(link_side::dialler, begin + m.encode()); };
  auto good = envelope("x");
  SUBCASE("not before it") { CHECK(says(why(link_side::dialler, good.encode()), "before the handshake")); }
  SUBCASE("not to another actor") {
    good.destination = door + 1;
    CHECK(says(refused(good), "is addressed to actor 78, the door is 77"));
  }
  SUBCASE("not to a server by its name") {
    good.flags = 1;
    CHECK(says(refused(good), "a server by its name"));
  }
  SUBCASE("no requests") {
    good.data = 1;
    CHECK(says(refused(good), "a request or a response"));
  }
  SUBCASE("no sender") {
    good.source = 5;
    CHECK(says(refused(good), "names a sender"));
  }
  SUBCASE("no other type of message") {
    good.payload[8] = 'X';
    CHECK(says(refused(good), "something else than an envelope"));
  }
  SUBCASE("no actors on the way") {
    good.payload[0] = '\1';
    CHECK(says(refused(good), "something else than an envelope"));
  }
  SUBCASE("no other length than announced") {
    good.payload.push_back('x');
    CHECK(says(refused(good), "another length"));
  }
  SUBCASE("no message without a payload") {
    good.payload.clear();
    CHECK(says(refused(good), "has 0 octets"));
  }
  SUBCASE("no padding") {
    auto octets = good.encode();
    octets[1] = 'x';
    CHECK(says(why(link_side::dialler, begin + octets), "padding"));
  }
  SUBCASE("no routed messages") { CHECK(says(refused({.what = 3}), "a routed message at octet 90 has no place here")); }
  SUBCASE("no monitors") { CHECK(says(refused({.what = 4}), "a monitor message")); }
  SUBCASE("no downs") { CHECK(says(refused({.what = 5}), "a down message")); }
  SUBCASE("no heartbeats") { CHECK(says(refused({.what = 6}), "a heartbeat")); }
  SUBCASE("no unknown operation") { CHECK(says(refused({.what = 7}), "the unknown operation 7")); }
}

TEST_CASE("the dialler's first message tells its door and nothing else") {
  auto begin = client_handshake(0).encode() + client_handshake(2).encode();
  CHECK(says(why(link_side::acceptor, begin + envelope("").encode()), "names no door"));
  CHECK(says(why(link_side::acceptor, begin + envelope("x", far_door).encode()), "must be"));
  CHECK(says(why(link_side::acceptor, begin + envelope("", far_door).encode() + envelope("", far_door).encode()),
             "names a sender"));
}

TEST_CASE("garbage is refused, or is not yet a message; never passed on as one") {
  seeded_random random{4711};
  for (auto round = 0; round < 5000; ++round) {
    auto octets = bytes(1 + random.below(200), '\0');
    for (auto& c : octets)
      c = static_cast<char>(random.below(256));
    auto side = round % 2 == 0 ? link_side::dialler : link_side::acceptor;
    auto text = why(side, octets);
    CHECK((octets.size() < net::basp::header_octets || !text.empty()));
  }
}

TEST_CASE("a recorded stream with one bit changed is refused, but for the octets of envelopes themselves") {
  seeded_random random{99};
  auto recorded = acceptor_says();
  auto passed = 0;
  for (auto at = std::size_t{0}; at < recorded.size(); ++at) {
    auto changed = recorded;
    changed[at] = static_cast<char>(changed[at] ^ (1 << random.below(8)));
    if (!why(link_side::dialler, changed).empty())
      continue;
    ++passed;
    // Free to choose: the far node's id, its door, and what is in envelopes.
    auto is_id = at >= 32 + 8 && at < 64;
    auto is_door = at >= 32 + 49 && at < 32 + 57;
    auto is_content = (at >= 90 + 47 && at < 90 + 50) || at >= 140 + 48;
    CHECK_MESSAGE((is_id || is_door || is_content), "octet ", at);
  }
  CHECK(passed > 300);
}

TEST_CASE("a truncated stream is no error, its rest may still come") {
  auto all = dialler_says();
  for (auto n = std::size_t{0}; n < 400; ++n)
    CHECK(why(link_side::acceptor, all.substr(0, n)) == "");
}

TEST_CASE("the sieve takes out what carriers do not need, however the octets are cut") {
  auto query = basp_message{.flags = 1, .data = caf_speaks().message_id, .source = 5, .payload = bytes(45, 'q')};
  auto monitor = basp_message{.what = 4, .destination = 9, .payload = bytes(64, 'm')};
  auto all = client_handshake(0).encode() + query.encode() + client_handshake(2).encode() + monitor.encode()
           + basp_message{.what = 6}.encode() + envelope("", far_door).encode() + envelope("one").encode()
           + monitor.encode();
  auto kept = client_handshake(0).encode() + client_handshake(2).encode() + envelope("", far_door).encode()
            + envelope("one").encode();
  for (auto piece = std::size_t{1}; piece < all.size(); ++piece) {
    net::basp::sieve s;
    auto out = bytes{};
    for (auto at = std::size_t{0}; at < all.size(); at += piece)
      out += s.pass(all.substr(at, piece));
    REQUIRE(out == kept);
    CHECK(s.dropped() == 4);
  }
}

TEST_CASE("what two real nodes say is what the inspector expects, octet for octet") {
  carrier_node a{"a@127.0.0.1"};
  carrier_node b{"b@127.0.0.1"};
  REQUIRE(a.start());
  REQUIRE(b.start());
  carrier_pair link{a, b};
  auto told = bytes{};
  link.open();
  link.there->on_octets = [&](const bytes& octets) { told += octets; };
  link.start();
  REQUIRE(link.dialler.wait_opened());
  REQUIRE(link.acceptor.wait_opened());
  link.dialler.get().send("recorded");
  REQUIRE(link.acceptor.wait_received(1));
  link.cut();
  // Two handshakes, the hello, one envelope.
  CHECK(told.size() == 64 + 64 + 32 + 15 + 32 + 15 + 8);
}
