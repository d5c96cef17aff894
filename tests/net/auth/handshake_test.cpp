#include "net/auth/handshake_messages.hpp"
#include "net/auth/two_ends.hpp"

namespace beamline::net {

using namespace testing;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("D19 five messages make a link, and each end knows the other's card, the key and the protocol") {
  exchange x{dialling_end(), accepting_end()};
  CHECK(x.dialler.peer() == nullptr);
  CHECK(x.dialler.protocol() == 0);
  CHECK(x.dialler.key_id().empty());
  x.run();
  REQUIRE(x.is_linked());
  CHECK(x.sent.size() == 5);
  CHECK(*x.dialler.peer() == accepting_end().card);
  CHECK(*x.acceptor.peer() == dialling_end().card);
  CHECK(x.dialler.key_id() == "1");
  CHECK(x.acceptor.key_id() == "1");
  CHECK(x.dialler.protocol() == link_protocol_max);
  CHECK(x.acceptor.protocol() == link_protocol_max);
  CHECK(x.dialler.said() == verdict::ok);
  for (const auto& m : x.sent)
    CHECK(m.size() <= 512);
}

TEST_CASE("D10 role, version, endpoint, tick time and contract cross both ways") {
  auto d = dialling_end();
  d.card.is_hidden = true;
  d.card.tick_time = 1500ms;
  d.card.endpoint = "[::1]:4401";
  d.card.identity.name = "tool@::1";
  exchange x{d, accepting_end()};
  REQUIRE(x.run().is_linked());
  CHECK(*x.acceptor.peer() == d.card);
}

TEST_CASE("D11 the acceptor shows nothing of the key before the dialler has proven itself") {
  auto d = dialling_end();
  d.keys.current = key("1", 'x');
  exchange x{d, accepting_end()};
  x.run();
  CHECK(x.sent.size() == 3);  // No fourth message.
  CHECK(x.is_nobody_done());
}

TEST_CASE("D14 with another cookie the acceptor closes after the first proof, without a reason") {
  auto d = dialling_end();
  d.keys.current = key("1", 'x');
  exchange x{d, accepting_end()};
  x.run();
  REQUIRE(x.acceptor_failed);
  CHECK(x.acceptor_failed->what == kind::unproven);
  CHECK(contains(x.acceptor_failed->detail, "a@one"));
  CHECK(contains(x.acceptor_failed->detail, "\"1\""));
  REQUIRE(x.dialler_failed);
  CHECK(x.dialler_failed->what == kind::unproven);
  CHECK(contains(x.dialler_failed->detail, "b@two hung up over our proof"));
}

TEST_CASE("D21 an unknown key id and a wrong key look the same from outside, and differ in the acceptor's log only") {
  std::vector<bytes> answers[2];
  std::string details[2];
  for (int i : {0, 1}) {
    auto d = dialling_end();
    d.keys.current = i == 0 ? key("1", 'x') : key("9", 'k');
    exchange x{d, accepting_end()};
    x.run();
    answers[i] = {x.sent[1]};
    CHECK(x.sent.size() == 3);
    details[i] = x.acceptor_failed->detail;
  }
  CHECK(answers[0] == answers[1]);
  CHECK(contains(details[0], "with another secret"));
  CHECK(contains(details[1], "key id \"9\", which does not count here with that node (accepted: \"1\")"));
}

TEST_CASE("D13 a verdict that refuses is told, before any proof, and ends it on both sides") {
  for (auto v : {verdict::nok, verdict::not_allowed, verdict::stale_incarnation, verdict::self}) {
    CAPTURE(to_string(v));
    auto a = accepting_end();
    a.more.judge = [&](const node_card& claimed, verdict said) {
      CHECK(claimed.identity.name == "a@one");
      CHECK(said == verdict::ok);
      return v;
    };
    exchange x{dialling_end(), a};
    x.run();
    CHECK(x.sent.size() == 2);
    REQUIRE(x.acceptor_failed);
    CHECK(x.acceptor_failed->what == kind::unacceptable);
    CHECK(x.acceptor_failed->told == v);
    CHECK(x.acceptor.said() == v);
    REQUIRE(x.dialler_failed);
    CHECK(x.dialler_failed->what == kind::refused);
    CHECK(x.dialler_failed->told == v);
    CHECK(x.dialler.said() == v);
    CHECK(contains(x.dialler_failed->detail, "b@two refused this node: " + std::string{to_string(v)}));
  }
}

TEST_CASE("D27 alive and ok_simultaneous go on to full proof if the dialler wants it") {
  for (auto v : {verdict::alive, verdict::ok_simultaneous}) {
    CAPTURE(to_string(v));
    auto a = accepting_end();
    a.more.judge = [v](const node_card&, verdict) { return v; };
    auto d = dialling_end();
    std::optional<verdict> asked;
    SUBCASE("it does") {
      d.more.judge = [&](const node_card&, verdict said) {
        asked = said;
        return verdict::ok;
      };
      exchange x{d, a};
      CHECK(x.run().is_linked());
      CHECK(asked == v);
      CHECK(x.dialler.said() == v);
      CHECK(x.acceptor.said() == v);
    }
    SUBCASE("it holds a live link") {
      d.more.judge = [](const node_card&, verdict) { return verdict::alive; };
      exchange x{d, a};
      x.run();
      CHECK(x.is_nobody_done());
      CHECK(x.sent.size() == 2);
      CHECK(x.dialler_failed->what == kind::unacceptable);
      CHECK(x.dialler_failed->told == verdict::alive);
      CHECK(x.acceptor_failed->what == kind::refused);
      CHECK(contains(x.acceptor_failed->detail, "a@one hung up before it proved itself"));
    }
  }
}

TEST_CASE("D26 the dialler's own list counts too: it turns the peer down before it proves anything") {
  auto d = dialling_end();
  d.more.judge = [](const node_card& c, verdict) {
    return c.identity.name == "b@two" ? verdict::not_allowed : verdict::ok;
  };
  exchange x{d, accepting_end()};
  x.run();
  CHECK(x.sent.size() == 2);
  CHECK(x.dialler_failed->told == verdict::not_allowed);
}

TEST_CASE("D29 a node that dials itself is told so, at both ends") {
  auto twin = dialling_end();
  exchange x{twin, twin};
  x.run();
  CHECK(x.sent.size() == 2);
  CHECK(x.acceptor_failed->told == verdict::self);
  CHECK(x.dialler_failed->told == verdict::self);
  CHECK(x.dialler_failed->what == kind::refused);
}

TEST_CASE("D5 another node of this node's own name is refused, and the reason names the setting") {
  auto twin = dialling_end();
  twin.card.identity.incarnation = 1000;
  exchange x{dialling_end(), twin};
  x.run();
  CHECK(x.acceptor_failed->told == verdict::not_allowed);
  CHECK(contains(x.acceptor_failed->detail, "node.name"));
  CHECK(x.is_nobody_done());
}

TEST_CASE("nodes of different clusters do not link") {
  auto d = dialling_end();
  d.card.cluster = "green";
  exchange x{d, accepting_end()};
  x.run();
  CHECK(x.sent.size() == 2);
  CHECK(x.acceptor_failed->told == verdict::not_allowed);
  CHECK(contains(x.acceptor_failed->detail, "cluster \"green\", this node to \"blue\" (cluster.id)"));
  CHECK(x.dialler_failed->told == verdict::not_allowed);
}

TEST_CASE("D192 the dialler says whom it expects, and takes nobody else") {
  auto d = dialling_end();
  SUBCASE("the name") {
    d.more.expected_name = "c@two";
    exchange x{d, accepting_end()};
    x.run();
    CHECK(x.dialler_failed->what == kind::unacceptable);
    CHECK(x.dialler_failed->detail == "expected c@two there, but it is b@two");
    CHECK(x.is_nobody_done());
  }
  SUBCASE("the role") {
    d.more.expected_role = "bank";
    exchange x{d, accepting_end()};
    x.run();
    CHECK(x.dialler_failed->what == kind::unacceptable);
    CHECK(x.dialler_failed->detail == "expected a node of role bank there, but b@two has role shop");
    CHECK(x.is_nobody_done());
  }
  SUBCASE("both as expected") {
    d.more.expected_name = "b@two";
    d.more.expected_role = "shop";
    exchange x{d, accepting_end()};
    CHECK(x.run().is_linked());
  }
}

TEST_CASE("ED18 nodes without a link protocol in common refuse each other and say which they speak") {
  auto d = dialling_end();
  d.more.protocol_min = 3;
  d.more.protocol_max = 4;
  exchange x{d, accepting_end()};
  x.run();
  CHECK(x.sent.size() == 2);
  CHECK(x.acceptor_failed->told == verdict::unsupported);
  CHECK(contains(x.acceptor_failed->detail, "it speaks link protocol 3 to 4, this node 1 to 2"));
  CHECK(x.dialler_failed->told == verdict::unsupported);
  CHECK(x.dialler.protocol() == 0);
}

TEST_CASE("a node of protocol 1 and one of protocols 1 and 2 speak 1, whoever dials") {
  auto old = dialling_end();
  old.more.protocol_max = 1;
  SUBCASE("the old one dials") {
    exchange x{old, accepting_end()};
    REQUIRE(x.run().is_linked());
    CHECK(x.dialler.protocol() == 1);
    CHECK(x.acceptor.protocol() == 1);
  }
  SUBCASE("the new one dials") {
    exchange x{accepting_end(), old};
    REQUIRE(x.run().is_linked());
    CHECK(x.dialler.protocol() == 1);
    CHECK(x.acceptor.protocol() == 1);
  }
}

TEST_CASE("D25 with certificates the claimed name or role must be in them, on both sides") {
  auto d = dialling_end();
  auto a = accepting_end();
  d.more.is_certified = a.more.is_certified = true;
  d.more.certificate_names = {"https://two", "beamline://node/b@two"};
  a.more.certificate_names = {"beamline://role/blog"};
  SUBCASE("they are") {
    exchange x{d, a};
    CHECK(x.run().is_linked());
  }
  SUBCASE("the dialler's is for another node") {
    a.more.certificate_names = {"beamline://node/c@one", "beamline://role/shop", "beamline://node/a@one.evil"};
    exchange x{d, a};
    x.run();
    CHECK(x.sent.size() == 2);
    CHECK(x.acceptor_failed->told == verdict::not_allowed);
    CHECK(contains(x.acceptor_failed->detail, "beamline://node/a@one or beamline://role/blog"));
  }
  SUBCASE("the acceptor's is for another node") {
    d.more.certificate_names = {"beamline://node/c@two"};
    exchange x{d, a};
    x.run();
    CHECK(x.sent.size() == 2);
    CHECK(x.dialler_failed->what == kind::unacceptable);
    CHECK(contains(x.dialler_failed->detail, "the certificate of b@two is for other nodes"));
  }
  SUBCASE("there is none") {
    a.more.certificate_names.clear();
    exchange x{d, a};
    CHECK(x.run().is_nobody_done());
  }
  SUBCASE("certified, but with another cookie: the proof counts still") {
    d.keys.current = key("1", 'x');
    exchange x{d, a};
    CHECK(x.run().is_nobody_done());
  }
  SUBCASE("a node without a role is not named by an empty one") {
    auto nobody = card_of("n@n", "");
    CHECK_FALSE(certificate_names_node({"beamline://role/"}, nobody));
    CHECK(certificate_names_node({"beamline://node/n@n"}, nobody));
  }
}

TEST_CASE("hanging up means something else at each step") {
  auto d = dialling_end();
  auto a = accepting_end();
  exchange x{d, a};
  (void)x.acceptor.begin();
  CHECK(x.acceptor.hung_up().what == kind::malformed);
  auto hello = x.dialler.begin().at(0);
  CHECK(x.dialler.hung_up().what == kind::refused);
  CHECK_FALSE(x.dialler.hung_up().told);
  auto challenge = x.acceptor.receive(hello).send.at(0);
  CHECK(x.acceptor.hung_up().what == kind::refused);
  auto proof = x.dialler.receive(challenge).send.at(0);
  CHECK(x.dialler.hung_up().what == kind::unproven);
  auto answer = x.acceptor.receive(proof).send.at(0);
  CHECK(x.acceptor.hung_up().what == kind::unproven);
  auto last = x.dialler.receive(answer);
  CHECK(last.is_done);
  CHECK(x.acceptor.receive(last.send.at(0)).is_done);
}

TEST_CASE("ED4 letters, digits, - and _ make a node name, non-ASCII letters do not") {
  for (const auto* name : {"abc@h", "A-b_9@h", "1@h", "-@h"})
    CHECK(check(card_of(name)).ok());
  for (const auto* name : {"\xC3\xA4@h", "a b@h", "a.b@h", "@h", "a@", "a", ""})
    CHECK_FALSE(check(card_of(name)).ok());
}

TEST_CASE("ED5 host names, dotted names, IPv4 and IPv6 addresses are hosts of node names, other scripts are not") {
  for (const auto* name : {"a@host", "a@my-host", "a@my_host", "a@h.example.org", "a@10.0.0.7", "a@::1", "a@fe80::1"})
    CHECK_MESSAGE(check(card_of(name)).ok(), name);
  for (const auto* name : {"a@h\xC3\xB6st", "a@\xD1\x85", "a@h h", "a@0:0:0:0:0:0:0:1", "a@FE80::1"})
    CHECK_MESSAGE(!check(card_of(name)).ok(), name);
}

TEST_CASE("ED6 a peer that claims to be a@b@c is refused, and harms nobody") {
  auto d = dialling_end();
  messages::hello hello{std::string{messages::magic}, 1, 2, messages::to_message(card_of("a@b@c")), bytes(32, 'n')};
  auto a = accepting_end().make(side::acceptor);
  (void)a.begin();
  auto step = a.receive(messages::write(hello));
  REQUIRE(step.failed);
  CHECK(step.failed->what == kind::malformed);
  CHECK(step.send.empty());
  CHECK(a.peer() == nullptr);
  exchange other{d, accepting_end()};
  CHECK(other.run().is_linked());
}

TEST_CASE("what a node says of itself is bounded and printable") {
  auto bad = [](auto change) {
    auto c = card_of("a@b");
    change(c);
    return !check(c).ok();
  };
  CHECK_FALSE(bad([](node_card&) {}));
  CHECK(bad([](node_card& c) { c.identity.incarnation = 0; }));
  CHECK(bad([](node_card& c) { c.role = std::string(65, 'r'); }));
  CHECK(bad([](node_card& c) { c.role = "new\nline"; }));
  CHECK(bad([](node_card& c) { c.version = std::string(65, 'v'); }));
  CHECK(bad([](node_card& c) { c.cluster = "\x1b[31m"; }));
  CHECK(bad([](node_card& c) { c.endpoint = std::string(301, 'e'); }));
  CHECK(bad([](node_card& c) { c.tick_time = 0s; }));
  CHECK(bad([](node_card& c) { c.tick_time = -1s; }));
  CHECK(bad([](node_card& c) { c.tick_time = 25h; }));
  CHECK(bad([](node_card& c) { c.identity.name = std::string(254, 'a') + "@b"; }));
  auto e = dialling_end();
  e.card.identity.name = "none";
  CHECK_THROWS_AS((void)e.make(side::dialler), bad_result);
  e = dialling_end();
  e.keys.current.secret = "short";
  CHECK_THROWS_AS((void)e.make(side::dialler), bad_result);
  handshake::options o;
  o.self = card_of("a@b");
  CHECK_THROWS_AS((handshake{side::dialler, o}), std::logic_error);
  keyring keys{key("1", 'k')};
  o.keys = &keys;
  o.nonce = "few";
  CHECK_THROWS_AS((handshake{side::dialler, o}), std::logic_error);
}

TEST_CASE("every verdict has a word of its own") {
  CHECK(to_string(verdict::ok) == "ok");
  CHECK(to_string(verdict::ok_simultaneous) == "ok_simultaneous");
  CHECK(to_string(verdict::nok) == "nok");
  CHECK(to_string(verdict::alive) == "alive");
  CHECK(to_string(verdict::not_allowed) == "not_allowed");
  CHECK(to_string(verdict::stale_incarnation) == "stale_incarnation");
  CHECK(to_string(verdict::self) == "self");
  CHECK(to_string(verdict::unsupported) == "unsupported");
}

}  // namespace beamline::net
