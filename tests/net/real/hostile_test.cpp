// What strangers can do to a node that is linked and busy: nothing. They meet the port of a real node.

#include "net/real/certificates.hpp"
#include "net/real/siege.hpp"
#include "net/real/stranger.hpp"

using namespace beamline;
using namespace beamline::testing;
using side = net::handshake::side;
using failure = net::handshake_failure::kind;

namespace {

net::keyring wrong_keys() {
  net::keyring k;
  k.current = {"1", "another cookie, which is long enough as well"};
  return k;
}

bytes random_octets(random_source& random, std::size_t count) {
  bytes out(count, '\0');
  random.fill(std::as_writable_bytes(std::span{out}));
  return out;
}

/// Header of a relay frame whose body may never come.
bytes header(std::uint8_t kind, std::uint32_t octets) {
  byte_writer w;
  w.u32(static_cast<std::uint32_t>(kind) << 24 | octets);
  return w.take();
}

/// What CAF's own client would begin with: a handshake, then a message to an actor, each of 32 octets and a payload.
bytes basp_stream(std::uint64_t to_actor) {
  byte_writer w;
  auto head = [&](std::uint8_t operation, std::uint32_t octets, std::uint64_t data, std::uint64_t to) {
    w.u8(operation), w.u16(0), w.u8(0), w.u32(octets), w.u64(data), w.u64(1), w.u64(to);
  };
  head(1, 32, 4, 0);
  w.raw(bytes(32, 'i'));
  bytes message{"\0\1\6@<i64>\0\0\0\0\0\0\0\52", 17};
  head(2, static_cast<std::uint32_t>(message.size()), 0, to_actor);
  w.raw(message);
  return w.take();
}

bytes carried(std::string_view octets) {
  bytes out;
  net::append_relay_frame(out, net::frame_kind::carried, octets);
  return out;
}

}  // namespace

TEST_CASE("random octets are a closed connection") {
  siege s;
  seeded_random random{5};
  for (int i = 0; i < 200; ++i) {
    stranger x{s.port()};
    auto octets = random_octets(random, 1 + random.below(2'000));
    // Every other one looks like a hello at first.
    (void)x.say(i % 2 == 0 ? octets : header(1, static_cast<std::uint32_t>(octets.size())) + octets);
    x.finish();
    CHECK(x.is_closed_within(2s));
  }
  CHECK(s.is_logged("a relay frame is of kind"));
}

TEST_CASE("a frame that is cut short, too long, empty or of another kind is a closed connection at every step") {
  siege s;
  auto keys = real_keys();
  auto who = s.card_of("evil@127.0.0.1");
  // How many messages of the node's were heard before: at the hello, the proof, the go.
  for (int heard = 0; heard <= 2; ++heard)
    for (auto broken : {header(1, 4097), header(1, 100) + bytes(50, 'x'), header(1, 0), header(2, 10) + bytes(10, 'x'),
                        header(3, 1) + "\1", header(0, 5), header(9, 0xFF'FFFF)}) {
      CAPTURE(heard);
      stranger x{s.port()};
      if (heard > 0) {
        half mine{side::dialler, who, keys};
        // The last word is kept back: without it nothing is proven.
        mine.say(x, mine.talk.begin());
        for (int i = 0; i < heard; ++i) {
          auto message = x.hear();
          REQUIRE(message);
          auto step = mine.talk.receive(*message);
          if (i + 1 < heard)
            mine.say(x, step.send);
        }
      }
      (void)x.say(broken);
      x.finish();
      CHECK(x.is_closed_within(2s));
    }
}

TEST_CASE("who has the cookie and then talks nonsense is up nowhere, and CAF does not see it") {
  siege s;
  auto keys = real_keys();
  seeded_random random{6};
  for (auto nonsense :
       {header(2, 65'537), header(1, 5) + "hello", header(7, 5), header(2, 3'000) + random_octets(random, 3'000),
        carried(basp_stream(3)), carried(basp_stream(3).substr(64)), header(2, 32) + bytes(32, '\0'),
        header(3, 4) + "\377\377\377\377", header(3, 3) + "\4\377\377"}) {
    stranger x{s.port()};
    half mine{side::dialler, s.card_of("evil@127.0.0.1"), keys};
    REQUIRE(mine.go_on(x, 2).is_done);
    (void)x.say(nonsense);
    CHECK(x.is_closed_within(2s));
  }
  CHECK(s.is_logged("a link did not come up"));
  CHECK_FALSE(s.a.logged("evil@127.0.0.1").empty());
}

TEST_CASE("what CAF itself would answer is not read without a handshake") {
  siege s;
  for (std::uint64_t actor = 1; actor <= 60; ++actor) {
    auto octets = basp_stream(actor);
    stranger bare{s.port()};
    (void)bare.say(octets);
    CHECK(bare.is_closed_within(2s));
    stranger framed{s.port()};
    (void)framed.say(net::frame_kind::carried, octets);
    CHECK(framed.is_closed_within(2s));
  }
  CHECK(s.is_logged("a relay frame"));
}

TEST_CASE("SY2 a recorded handshake that is replayed is refused") {
  siege s;
  auto keys = real_keys();
  std::vector<bytes> recorded;
  {
    stranger x{s.port()};
    half mine{side::dialler, s.card_of("evil@127.0.0.1"), keys};
    REQUIRE(mine.go_on(x, 2).is_done);
    recorded = mine.said;
    REQUIRE(recorded.size() == 3);
  }
  stranger at_once{s.port()};
  (void)at_once.say(recorded[0] + recorded[1] + recorded[2]);
  CHECK(at_once.is_closed_within(2s));
  stranger in_steps{s.port()};
  REQUIRE(in_steps.say(recorded[0]));
  REQUIRE(in_steps.hear());
  (void)in_steps.say(recorded[1]);
  CHECK_FALSE(in_steps.hear());
  CHECK(s.is_logged("evil@127.0.0.1 could not prove that it knows the cookie"));
}

TEST_CASE("SY3 who is dialled and sends the node's own proof back is refused") {
  siege s;
  stranger_port trap;
  auto outcome = std::make_shared<std::promise<net::connect_outcome>>();
  s.a.links().connect(trap.at(), {}, [outcome](const net::connect_outcome& o) { outcome->set_value(o); });
  auto x = trap.accept();
  auto keys = wrong_keys();
  half mine{side::acceptor, s.card_of("evil@127.0.0.1"), keys};
  (void)mine.talk.begin();
  auto hello = x.hear();
  REQUIRE(hello);
  mine.say(x, mine.talk.receive(*hello).send);
  auto proof = x.hear();
  REQUIRE(proof);
  auto reflected = *proof;
  SUBCASE("as it is") {}
  SUBCASE("as the answer") { reflected[0] = '\4'; }
  (void)x.say(net::frame_kind::handshake, reflected);
  CHECK(x.is_closed_within(2s));
  auto told = outcome->get_future();
  REQUIRE(told.wait_for(5s) == std::future_status::ready);
  auto o = told.get();
  CHECK_FALSE(o.ok());
  CHECK(o.peer == "evil@127.0.0.1");
  CHECK(s.a.logged("evil").empty());  // The dialler tells who asked; its log is not a stranger's to fill.
}

TEST_CASE("a wrong key, another cluster, an old run, a name of others: each is refused, and named in the log") {
  siege s;
  auto right = real_keys();
  auto wrong = wrong_keys();
  stranger x{s.port()};
  SUBCASE("a wrong key") {
    half mine{side::dialler, s.card_of("evil@127.0.0.1"), wrong};
    CHECK(mine.go_on(x, 9).failed->what == failure::unproven);
    CHECK(s.is_logged("evil@127.0.0.1 could not prove that it knows the cookie"));
  }
  SUBCASE("the name of a linked node, with a wrong key: its link stays (D27)") {
    half mine{side::dialler, s.b.links().card(), wrong};
    CHECK(mine.go_on(x, 9).failed->what == failure::unproven);
    CHECK(mine.talk.said() == net::verdict::alive);
    CHECK(s.is_logged("b@127.0.0.1 could not prove that it knows the cookie"));
  }
  SUBCASE("the next run of a linked node, with a wrong key: its link stays (D27)") {
    half mine{side::dialler, s.card_of("b@127.0.0.1", 1'000), wrong};
    CHECK(mine.go_on(x, 9).failed->what == failure::unproven);
    CHECK(s.is_logged("b@127.0.0.1 could not prove that it knows the cookie"));
  }
  SUBCASE("an earlier run of a linked node, although it has the cookie") {
    half mine{side::dialler, s.card_of("b@127.0.0.1", 6), right};
    CHECK(mine.go_on(x, 9).failed->told == net::verdict::stale_incarnation);
    CHECK(s.is_logged("b@127.0.0.1"));
  }
  SUBCASE("another cluster") {
    auto card = s.card_of("evil@127.0.0.1");
    card.cluster = "blue";
    half mine{side::dialler, card, right};
    CHECK(mine.go_on(x, 9).failed->told == net::verdict::not_allowed);
    CHECK(s.is_logged("it belongs to cluster \\\"blue\\\""));
  }
  SUBCASE("the name of the node itself") {
    half mine{side::dialler, s.card_of("a@127.0.0.1", 9), right};
    CHECK(mine.go_on(x, 9).failed->told == net::verdict::not_allowed);
    CHECK(s.is_logged("it has this node's own name"));
  }
  CHECK(x.is_closed_within(2s));
}

TEST_CASE("many refusals are few lines in the log") {
  siege s;
  auto wrong = wrong_keys();
  for (int i = 0; i < 100; ++i) {
    stranger x{s.port()};
    half mine{side::dialler, s.card_of("evil" + std::to_string(i) + "@127.0.0.1"), wrong};
    CHECK(mine.go_on(x, 9).failed);
  }
  CHECK(s.is_logged("evil0@127.0.0.1"));
  CHECK(s.is_logged("not_logged_before="));
}

TEST_CASE("who says a hello one octet after another is shown out when its time is over") {
  siege s;
  auto keys = real_keys();
  half mine{side::dialler, s.card_of("evil@127.0.0.1"), keys};
  bytes hello;
  net::append_relay_frame(hello, net::frame_kind::handshake, mine.talk.begin().front());
  REQUIRE(hello.size() > 40);
  stranger x{s.port()};
  auto began = s.a.time().now();
  bool is_closed = false;
  for (std::size_t i = 0; i < hello.size() && !is_closed; ++i) {
    (void)x.say(hello.substr(i, 1));
    is_closed = x.is_closed_within(100ms);
  }
  CHECK(is_closed);
  auto took = s.a.time().now() - began;
  CHECK(took >= 900ms);
  CHECK(to_ms(took) <= 1'800 + s.allowance_ms());
  CHECK(s.is_logged("it did not finish the handshake in time"));
}

/// A node links with the besieged one, however often it is refused at first.
void link_in_time(siege& s, real_node& c, time_point began) {
  auto o = c.connect(s.a);
  while (!o.ok() && s.a.time().now() - began < 5s)
    o = c.connect(s.a);
  auto took = s.a.time().now() - began;
  REQUIRE_MESSAGE(o.ok(), o.detail);
  MESSAGE("a node linked " << to_ms(took) << " ms after the first of the idle connections");
  CHECK(took < 5s);
  REQUIRE(s.a.seen.wait_for("up c@127.0.0.1"));
  CHECK(c.links().disconnect("a@127.0.0.1"));
  CHECK(s.a.seen.wait_for("down c@127.0.0.1 connection_closed"));
  s.seen_by_a += ", up c@127.0.0.1, down c@127.0.0.1 connection_closed";
}

TEST_CASE("SY5 among a thousand connections that say nothing a real node still links, and all are closed in time") {
  siege s;
  real_node c{{.name = "c@127.0.0.1"}};
  auto began = s.a.time().now();
  std::vector<stranger> idle;
  for (int i = 0; i < 1'000; ++i)
    idle.emplace_back(s.port());
  link_in_time(s, c, began);
  for (const auto& x : idle) {
    auto left = to_ms(began + 2s - s.a.time().now()) + s.allowance_ms();
    CHECK(x.is_closed_within(std::chrono::milliseconds{std::max<std::int64_t>(0, left)}));
  }
  CHECK(s.is_logged("a connection was refused"));
}

TEST_CASE("SY5 nor do those keep a real node out who say who they are and then prove nothing") {
  siege s{{}, {}, 5s};
  real_node c{{.name = "c@127.0.0.1"}};
  auto keys = wrong_keys();
  auto began = s.a.time().now();
  std::vector<stranger> idle;
  for (int i = 0; i < 100; ++i) {
    idle.emplace_back(s.port());
    half mine{side::dialler, s.card_of("evil" + std::to_string(i) + "@127.0.0.1"), keys};
    mine.say(idle.back(), mine.talk.begin());
  }
  link_in_time(s, c, began);
  CHECK(to_ms(s.a.time().now() - began) < 3'000 + s.allowance_ms());
}

TEST_CASE("who says again and again to be a node that is being dialled keeps the dial from success for a moment only") {
  siege s;
  real_node z{{.name = "z@127.0.0.1"}};
  auto keys = wrong_keys();
  std::vector<stranger> claims;
  auto claim = [&] {
    half mine{side::dialler, z.links().card(), keys};
    mine.say(claims.emplace_back(s.port()), mine.talk.begin());
    CHECK(claims.back().hear());
  };
  claim();
  auto outcome = std::make_shared<std::promise<net::connect_outcome>>();
  s.a.links().connect(z.at(), {}, [outcome](const net::connect_outcome& o) { outcome->set_value(o); });
  auto told = outcome->get_future();
  auto began = s.a.time().now();
  while (told.wait_for(100ms) != std::future_status::ready && s.a.time().now() - began < 5s)
    claim();
  REQUIRE(told.wait_for(0ms) == std::future_status::ready);
  auto o = told.get();
  CHECK(o.what == net::connect_outcome::kind::connected);
  CHECK_MESSAGE(o.ok(), o.detail);
  CHECK(to_ms(s.a.time().now() - began) < 800 + s.allowance_ms());  // A quarter of its time, and not all of it.
  REQUIRE(s.a.seen.wait_for("up z@127.0.0.1"));
  CHECK(z.close());
  CHECK(s.a.seen.wait_for("down z@127.0.0.1 connection_closed"));
  s.seen_by_a += ", up z@127.0.0.1, down z@127.0.0.1 connection_closed";
}

TEST_CASE("strangers at a TLS port are shown out, while a link over TLS is busy") {
  certificates ca;
  real_node_options first{.tls = ca.issue_to_node("a@127.0.0.1")};
  real_node_options second{.tls = ca.issue_to_node("b@127.0.0.1")};
  first.links.needs_certificates = second.links.needs_certificates = true;
  siege s{first, second};
  auto began = s.a.time().now();
  SUBCASE("with random octets, HTTP, a handshake without TLS, BASP") {
    seeded_random random{7};
    for (int i = 0; i < 20; ++i)
      for (const auto& octets :
           {random_octets(random, 1 + random.below(2'000)), header(1, 5) + "hello", bytes{"GET / HTTP/1.1\r\n\r\n"},
            basp_stream(3), bytes{"\x16\x03\x01\x02\x00\x01", 6} + random_octets(random, 600)}) {
        stranger x{s.port()};
        (void)x.say(octets);
        x.finish();
        CHECK(x.is_closed_within(2s));
      }
    CHECK(s.is_logged("a stranger failed at TLS"));
    auto steps = 1 + std::log2(1.0 + static_cast<double>((s.a.time().now() - began) / 100ms));
    CHECK(static_cast<double>(s.a.logged("a stranger failed at TLS").size()) <= steps);
  }
  SUBCASE("with a certificate of somebody else's, and the cookie") {
    certificates others;
    net::links_options strict;
    strict.needs_certificates = true;
    real_node evil{{.name = "evil@127.0.0.1", .tls = others.issue_to_node("evil@127.0.0.1"), .links = strict}};
    for (int i = 0; i < 20; ++i)
      CHECK_FALSE(evil.connect(s.a).ok());
    CHECK(evil.seen.lines().empty());
  }
}
