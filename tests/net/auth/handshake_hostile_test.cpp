#include "actors/message_codec.hpp"
#include "base/property.hpp"
#include "net/auth/handshake_messages.hpp"
#include "net/auth/two_ends.hpp"

namespace beamline::net {

using namespace testing;

namespace {

/// Feeds an acceptor; the messages it is fed may be anything.
struct victim {
  end who = accepting_end();
  handshake h;
  explicit victim(char salt) : h{who.make(side::acceptor, salt)} { (void)h.begin(); }
};

bytes flip(bytes message, std::size_t bit) {
  message[bit / 8] = static_cast<char>(message[bit / 8] ^ (1 << (bit % 8)));
  return message;
}

}  // namespace

TEST_CASE("SY2 a proof recorded from a good connection is refused on a new one") {
  exchange good{dialling_end(), accepting_end()};
  REQUIRE(good.run().is_linked());
  victim v{1};  // The same node, another nonce.
  auto step = v.h.receive(good.sent[0]);
  REQUIRE_FALSE(step.failed);
  CHECK(step.send.at(0) != good.sent[1]);
  step = v.h.receive(good.sent[2]);
  REQUIRE(step.failed);
  CHECK(step.failed->what == kind::unproven);
  CHECK(step.send.empty());
}

TEST_CASE("SY3 an acceptor that sends the dialler's own proof back is refused") {
  auto d = dialling_end().make(side::dialler);
  auto a = accepting_end().make(side::acceptor);
  (void)a.begin();
  auto proof = d.receive(a.receive(d.begin().at(0)).send.at(0)).send.at(0);
  SUBCASE("as it is") {
    auto step = d.receive(proof);
    REQUIRE(step.failed);
    CHECK(step.failed->what == kind::malformed);
    CHECK(step.send.empty());
  }
  SUBCASE("dressed up as the acceptor's") {
    proof[0] = static_cast<char>(messages::tag::acceptor_proof);
    auto step = d.receive(proof);
    REQUIRE(step.failed);
    CHECK(step.failed->what == kind::unproven);
    CHECK(step.failed->detail.find("impostor") != std::string::npos);
  }
}

TEST_CASE("a node's own messages on another connection do not let anybody in under its name") {
  // Mallory answers a's dial and dials a at the same time, passing on what a says.
  auto a_dials = dialling_end().make(side::dialler);
  auto a_accepts = dialling_end().make(side::acceptor, 1);
  (void)a_accepts.begin();
  auto step = a_accepts.receive(a_dials.begin().at(0));
  REQUIRE(step.failed);
  CHECK(step.failed->told == verdict::self);
}

TEST_CASE("D20 the proof binds the transport: passed on from one TLS connection to another it is worth nothing") {
  auto d = dialling_end();
  auto a = accepting_end();
  d.more.channel_binding = bytes(32, '1');
  a.more.channel_binding = bytes(32, '2');
  exchange x{d, a};
  CHECK(x.run().is_nobody_done());
  CHECK(x.acceptor_failed->what == kind::unproven);
  a.more.channel_binding = d.more.channel_binding;
  exchange same{d, a};
  CHECK(same.run().is_linked());
}

TEST_CASE("D20 nobody on the way can change a name, role, version range, tick time or flag") {
  auto alter = [](auto change) {
    exchange x{dialling_end(), accepting_end()};
    x.on_way = [change](int number, bytes m) {
      if (number != 1)
        return m;
      auto hello = messages::read_hello(m).value();
      change(hello);
      return messages::write(hello);
    };
    x.run();
    CHECK(x.is_nobody_done());
    CHECK(x.acceptor_failed->what == kind::unproven);
  };
  alter([](messages::hello& h) { h.protocol_max = 1; });
  alter([](messages::hello& h) { h.from.name = "c@one"; });
  alter([](messages::hello& h) { h.from.incarnation += 1; });
  alter([](messages::hello& h) { h.from.role = "admin"; });
  alter([](messages::hello& h) { h.from.is_hidden = true; });
  alter([](messages::hello& h) { h.from.tick_time = 10min; });
  alter([](messages::hello& h) { h.from.contract_hash = 0; });
  alter([](messages::hello& h) { h.nonce[0] ^= 1; });
}

TEST_CASE("D20 nobody on the way can change the verdict, the protocol or the acceptor's card") {
  auto alter = [](auto change) {
    exchange x{dialling_end(), accepting_end()};
    x.on_way = [change](int number, bytes m) {
      if (number != 2)
        return m;
      auto challenge = messages::read_challenge(m).value();
      change(challenge);
      return messages::write(challenge);
    };
    x.run();
    CHECK(x.is_nobody_done());
  };
  alter([](messages::challenge& c) { c.verdict = static_cast<std::uint32_t>(verdict::alive); });
  alter([](messages::challenge& c) { c.verdict = 0; });
  alter([](messages::challenge& c) { c.verdict = 257; });  // Cut to eight bits it would be ok.
  alter([](messages::challenge& c) { c.protocol = 1; });
  alter([](messages::challenge& c) { c.protocol = 0; });
  alter([](messages::challenge& c) { c.protocol = 99; });
  alter([](messages::challenge& c) { c.from.name = "c@two"; });
  alter([](messages::challenge& c) { c.from.endpoint = "6.6.6.6:4400"; });
  alter([](messages::challenge& c) { c.nonce[31] ^= 1; });
}

TEST_CASE("a bit changed in any message lets nobody in whose card or key is not the true one") {
  exchange clean{dialling_end(), accepting_end()};
  REQUIRE(clean.run().is_linked());
  std::size_t harmless = 0;
  for (int number = 1; number <= 5; ++number)
    for (std::size_t bit = 0; bit < clean.sent[static_cast<std::size_t>(number - 1)].size() * 8; ++bit) {
      exchange x{dialling_end(), accepting_end()};
      x.on_way = [&](int n, const bytes& m) { return n == number ? flip(m, bit) : m; };
      x.run();
      // Up to the proofs every bit is in the transcript; in a proof only the version of its encoding means nothing.
      auto is_touched_done = number % 2 == 1 ? x.is_acceptor_done : x.is_dialler_done;
      if (!is_touched_done)
        continue;
      CAPTURE(number);
      CAPTURE(bit);
      CHECK(number >= 3);
      CHECK(bit / 8 == 1);
      CHECK(*x.acceptor.peer() == dialling_end().card);
      CHECK(*x.dialler.peer() == accepting_end().card);
      ++harmless;
    }
  CHECK(harmless <= 3 * 8);
}

TEST_CASE("I5 nobody without the key is ever done, whatever is sent, on either side") {
  exchange good{dialling_end(), accepting_end()};
  REQUIRE(good.run().is_linked());
  beamline::testing::check_property([&] {
    auto at_acceptor = *rc::gen::arbitrary<bool>();
    auto h = at_acceptor ? accepting_end().make(side::acceptor) : dialling_end().make(side::dialler);
    (void)h.begin();
    if (*rc::gen::arbitrary<bool>())
      RC_ASSERT(!h.receive(good.sent[at_acceptor ? 0 : 1]).is_done);
    auto tag = *rc::gen::inRange(0, 7);
    auto mac = *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>());
    auto id = *rc::gen::element(std::string{"1"}, std::string{"0"}, std::string{});
    RC_ASSERT(!h.receive(messages::write(static_cast<messages::tag>(tag), {id, mac})).is_done);
    RC_ASSERT(!h.receive(*rc::gen::arbitrary<std::string>()).is_done);
  });
}

TEST_CASE("D23 every malformed message fails once, is answered with nothing, and what follows fails too") {
  auto hello = dialling_end().make(side::dialler).begin().at(0);
  auto good = messages::read_hello(hello).value();
  std::vector<bytes> bad{"",
                         "\x01",
                         bytes(4097, '\x01'),
                         hello.substr(0, hello.size() - 1),
                         hello + "x",
                         "GET / HTTP/1.1\r\n\r\n",
                         bytes(100, '\0'),
                         bytes(100, '\xff')};
  auto with = [&](auto change) {
    auto h = good;
    change(h);
    bad.push_back(messages::write(h));
  };
  with([](messages::hello& h) { h.what = "somebody"; });
  with([](messages::hello& h) { h.protocol_min = 0; });
  with([](messages::hello& h) { h.protocol_min = 3; });
  with([](messages::hello& h) { h.nonce.pop_back(); });
  with([](messages::hello& h) { h.nonce.push_back('x'); });
  with([](messages::hello& h) { h.from.name = "a@b@c"; });
  with([](messages::hello& h) { h.from.role = std::string(3000, 'r'); });
  with([](messages::hello& h) { h.from.version = "1\x1b[2J"; });
  for (const auto& m : bad) {
    victim v{0};
    auto step = v.h.receive(m);
    REQUIRE(step.failed);
    CHECK(step.failed->what == kind::malformed);
    CHECK_FALSE(step.failed->detail.empty());
    CHECK(step.send.empty());
    CHECK(v.h.peer() == nullptr);
    auto after = v.h.receive(hello);
    REQUIRE(after.failed);
    CHECK(after.failed->what == kind::malformed);
    CHECK(after.send.empty());
  }
}

TEST_CASE("messages out of order are refused on either side") {
  exchange good{dialling_end(), accepting_end()};
  REQUIRE(good.run().is_linked());
  for (std::size_t i : {1U, 2U, 3U, 4U}) {
    victim v{0};
    CHECK(v.h.receive(good.sent[i]).failed->what == kind::malformed);
  }
  for (std::size_t i : {0U, 2U, 3U, 4U}) {
    auto d = dialling_end().make(side::dialler);
    (void)d.begin();
    CHECK(d.receive(good.sent[i]).failed->what == kind::malformed);
  }
  SUBCASE("before it began, and after it is done") {
    auto a = accepting_end().make(side::acceptor);
    CHECK(a.receive(good.sent[0]).failed->what == kind::malformed);
    CHECK(good.acceptor.receive(good.sent[4]).failed->what == kind::malformed);
    CHECK(good.dialler.receive(good.sent[3]).failed->what == kind::malformed);
  }
}

TEST_CASE("fields that a later build appends to its messages are skipped, and the proof covers them") {
  exchange x{dialling_end(), accepting_end()};
  x.on_way = [](int number, bytes m) {
    if (number != 1)
      return m;
    // The card of a later version: one more field.
    auto h = messages::read_hello(m).value();
    auto octets = encode(h);
    byte_writer out;
    out.u8(static_cast<std::uint8_t>(messages::tag::hello));
    byte_reader in{octets};
    out.varint(in.varint() + 1);
    out.varint(in.varint() + 1);
    out.raw(std::string_view{octets}.substr(in.position()));
    out.blob("new");
    return out.take();
  };
  x.run();
  CHECK(x.is_nobody_done());  // It came from the way, not from the dialler.
  CHECK(x.acceptor_failed->what == kind::unproven);
}

}  // namespace beamline::net
