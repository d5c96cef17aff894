#include "net/auth/keyring.hpp"

#include "net/auth/two_ends.hpp"

namespace beamline::net {

using namespace testing;

namespace {

bool links(const end& d, const end& a) {
  exchange x{d, a};
  return x.run().is_linked();
}

end with(end e, keyring keys) {
  e.keys = std::move(keys);
  return e;
}

}  // namespace

TEST_CASE("SY4 current and previous on one side, next and current on the other: they link whoever dials") {
  // The cluster moves from key 1 to key 2; a has moved already, b has only been told of 2.
  auto a = with(dialling_end(), {.current = key("2", 'n'), .others = {key("1", 'o')}});
  auto b = with(accepting_end(), {.current = key("1", 'o'), .others = {key("2", 'n')}});
  exchange forth{a, b};
  REQUIRE(forth.run().is_linked());
  CHECK(forth.acceptor.key_id() == "2");
  exchange back{b, a};
  REQUIRE(back.run().is_linked());
  CHECK(back.acceptor.key_id() == "1");
  SUBCASE("after previous is dropped, who still proves itself with it gets nowhere") {
    a.keys.others.clear();
    CHECK_FALSE(links(b, a));
    CHECK(links(a, b));
    // What `links` asks to find out which links to end: auth_revoked.
    CHECK(a.keys.find(back.acceptor.key_id(), "b@two") == nullptr);
    CHECK(a.keys.find(forth.acceptor.key_id(), "b@two") != nullptr);
  }
}

TEST_CASE("D24 a rotation in three rounds never has two nodes that cannot link") {
  const keyring before{key("1", 'o')};
  const keyring told{.current = key("1", 'o'), .others = {key("2", 'n')}};
  const keyring moved{.current = key("2", 'n'), .others = {key("1", 'o')}};
  const keyring after{key("2", 'n')};
  const std::vector<std::pair<keyring, keyring>> at_once{{before, told}, {told, moved}, {moved, after}};
  for (const auto& [one, other] : at_once) {
    CHECK(links(with(dialling_end(), one), with(accepting_end(), other)));
    CHECK(links(with(dialling_end(), other), with(accepting_end(), one)));
    CHECK(links(with(dialling_end(), other), with(accepting_end(), other)));
  }
  CHECK_FALSE(links(with(dialling_end(), before), with(accepting_end(), after)));
}

TEST_CASE("ED23 keys per peer let nodes with different cookies link") {
  // a's cookie is A, b's is B, c's is C; a has been given b's and c's.
  auto a = with(dialling_end(),
                {.current = key("1", 'A'), .of_peer = {{"b@two", key("1", 'B')}, {"c@three", key("x", 'C')}}});
  auto b = with(accepting_end(), {key("1", 'B')});
  auto c = with({.card = card_of("c@three")}, {key("x", 'C')});
  CHECK(links(a, b));
  CHECK(links(b, a));
  CHECK(links(a, c));
  CHECK(links(c, a));
  CHECK_FALSE(links(b, c));
  SUBCASE("also when the dialler has only an address and learns from the challenge whom it is talking with") {
    CHECK(a.more.expected_name.empty());
    exchange x{a, c};
    REQUIRE(x.run().is_linked());
    CHECK(x.dialler.key_id() == "x");
  }
}

TEST_CASE("ED24 a key of two nodes is used instead of both their cookies, which stay as they are") {
  auto a = with(dialling_end(), {.current = key("1", 'k'), .of_peer = {{"b@two", key("pair", 'p')}}});
  auto b = with(accepting_end(), {.current = key("1", 'k'), .of_peer = {{"a@one", key("pair", 'p')}}});
  exchange x{a, b};
  REQUIRE(x.run().is_linked());
  CHECK(x.dialler.key_id() == "pair");
  CHECK(x.acceptor.key_id() == "pair");
  auto c = with({.card = card_of("c@three")}, {key("1", 'k')});
  CHECK(links(a, c));
  CHECK(links(c, b));
  SUBCASE("who has the common cookie only cannot come under the name of such a peer") {
    auto impostor = with(dialling_end(), {key("1", 'k')});
    CHECK_FALSE(links(impostor, b));
    auto other = with(accepting_end(), {key("1", 'k')});
    CHECK_FALSE(links(a, other));
  }
}

TEST_CASE("D16 a link's handshake is over: another keyring counts from the next one on") {
  auto a = accepting_end();
  exchange x{dialling_end(), a};
  REQUIRE(x.run().is_linked());
  a.keys.current = key("2", 'n');
  CHECK_FALSE(links(dialling_end(), a));
  CHECK(x.is_linked());
}

TEST_CASE("a keyring is refused if a key cannot be used, and says which") {
  auto problem = [](const keyring& k) {
    auto ok = k.check();
    return ok ? std::string{} : ok.error().message;
  };
  CHECK(problem({key("1", 'k')}).empty());
  CHECK(problem({.current = {"1", bytes(15, 'k')}})
        == "the current key \"1\" has 15 octets, at least 16 are needed; make one with: beamline cookie new");
  CHECK(problem({}).find("the current key has no usable id") == 0);
  CHECK(problem({key("new line\n", 'k')}).find("no usable id") != std::string::npos);
  CHECK(problem({key(std::string(65, 'i'), 'k')}).find("no usable id") != std::string::npos);
  CHECK(problem({.current = key("1", 'k'), .others = {key("1", 'o')}})
        == "two keys have the id \"1\"; an id means one key");
  CHECK(problem({.current = key("1", 'k'), .others = {key("2", 'o'), key("2", 'p')}})
        == "two keys have the id \"2\"; an id means one key");
  CHECK(problem({.current = key("1", 'k'), .of_peer = {{"b@two", {"1", ""}}}}).find("the key of b@two \"1\" has 0")
        == 0);
  keyring many{key("1", 'k')};
  for (std::size_t i = 0; i <= other_keys_max; ++i)
    many.others.push_back(key("k" + std::to_string(i), 'k'));
  CHECK(problem(many).find("17 further keys, at most 16 are accepted") == 0);
}

TEST_CASE("the accepted ids are named for the log, those of a peer alone if it has a key of its own") {
  keyring k{.current = key("2", 'n'), .others = {key("1", 'o')}, .of_peer = {{"b@two", key("pair", 'p')}}};
  CHECK(k.ids_for("a@one") == "\"2\", \"1\"");
  CHECK(k.ids_for("b@two") == "\"pair\"");
  CHECK(k.find("2", "b@two") == nullptr);
  CHECK(k.find("pair", "a@one") == nullptr);
  CHECK(k.to_prove_to("").id == "2");
}

}  // namespace beamline::net
