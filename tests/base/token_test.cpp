#include "base/token.hpp"

#include "base/crypto.hpp"
#include "property.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

const std::string plain_secret = "0123456789abcdef0123456789abcdef";

std::string listed(std::string_view id, char fill) {
  return std::string{id} + ":" + base64url_encode(bytes(secret_octets_min, fill));
}

keyring ring(std::string_view text) { return keyring::parse(text).value(); }

// The token with its field (0 version ... 4 MAC) replaced.
std::string with_field(const std::string& token, std::size_t field, std::string_view value) {
  std::size_t start = 0;
  for (; field > 0; --field)
    start = token.find('.', start) + 1;
  auto end = std::min(token.find('.', start), token.size());
  return token.substr(0, start) + std::string{value} + token.substr(end);
}

}  // namespace

TEST_CASE("a key ring is read from a list, the first key is the current one") {
  auto keys = ring(listed("k2", 'b') + "," + listed("k1", 'a'));
  CHECK(keys.current().id == "k2");
  CHECK(keys.current().secret == bytes(32, 'b'));
  REQUIRE(keys.keys().size() == 2);
  REQUIRE(keys.find("k1") != nullptr);
  CHECK(keys.find("k1")->secret == bytes(32, 'a'));
  CHECK(keys.find("k3") == nullptr);
}

TEST_CASE("a key ring is read from one plain secret") {
  auto keys = ring(plain_secret);
  CHECK(keys.current().id == keyring::plain_id);
  CHECK(keys.current().secret == plain_secret);
}

TEST_CASE("a bad secret is refused with what is wrong and what helps, but never shown") {
  struct bad {
    std::string text;
    std::string_view said;
  };
  auto short_key = "k1:" + base64url_encode("hunter2hunter2");
  for (const auto& example : {
           bad{"", "it has 0 characters, expected at least 32"},
           bad{"hunter2", "it has 7 characters, expected at least 32; give at least 32 random octets"},
           bad{short_key, "key \"k1\" has 14 octets, expected at least 32; give at least"},
           bad{listed("k1", 'a') + "," + short_key, "has 14 octets"},
           bad{listed("k1", 'a') + "," + listed("k1", 'b'), "key id \"k1\" occurs twice"},
           bad{listed("k1", 'a') + ",", "key 2 of the list"},
           bad{"," + listed("k1", 'a'), "key 1 of the list"},
           bad{listed("", 'a'), "key 1 of the list"},
           bad{listed("k.1", 'a'), "key 1 of the list"},
           bad{listed(std::string(key_id_octets_max + 1, 'k'), 'a'), "key 1 of the list"},
           bad{listed("k1", 'a') + "=", "key \"k1\": base64url text"},
           bad{"k1:" + plain_secret + "hunter2:", "key \"k1\": base64url text"},
       }) {
    CAPTURE(example.text);
    auto keys = keyring::parse(example.text);
    REQUIRE_FALSE(keys.ok());
    CHECK(keys.error().code == errc::invalid);
    CHECK_MESSAGE(keys.error().message.find(example.said) != std::string::npos, keys.error().message);
    CHECK(keys.error().message.find("secret: ") == 0);
    CHECK(keys.error().message.find("hunter2") == std::string::npos);
    CHECK(keys.error().message.find(base64url_encode("hunter2")) == std::string::npos);
  }
}

TEST_CASE("a key ring has a bounded number of keys") {
  std::string list;
  for (std::size_t i = 0; i < keyring_keys_max; ++i)
    list += (i == 0 ? "" : ",") + listed("k" + std::to_string(i), 'a');
  CHECK(ring(list).keys().size() == keyring_keys_max);
  CHECK(keyring::parse(list + "," + listed("last", 'a')).error().message.find("more than 8 keys") != std::string::npos);
}

TEST_CASE("a token gives its payload back until it is too old") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(plain_secret), clock};
  auto token = signer.sign("session", "view 17");

  CHECK(signer.verify("session", token, 10s).value() == "view 17");
  clock.advance(10s);
  CHECK(signer.verify("session", token, 10s).value() == "view 17");
  clock.advance(1ms);
  auto late = signer.verify("session", token, 10s);
  CHECK(late.error() == error{errc::timeout, "session token: 10001 ms old, at most 10000 ms are accepted"});
}

TEST_CASE("tokens of one secret, time and payload never change, so that old ones stay valid") {
  // A new format needs a new version; the sessions of all visitors depend on this one.
  auto clock = manual_clock{};
  auto signer = token_signer{ring(plain_secret), clock};
  CHECK(signer.sign("session", "view 17")
        == "v1.k0.dmlldyAxNw.AAABi8_laAA.7vKCwjBb6YfQaaJgW1_JchXQAGmQkNLayDw0C96bE18");
}

TEST_CASE("a token has only characters that are safe in cookies and attributes") {
  testing::check_property([] {
    auto payload = *testing::any_octets();
    auto purpose = *testing::any_octets();
    auto clock = manual_clock{};
    auto signer = token_signer{ring(listed("Key_1-a", 's')), clock};
    auto token = signer.sign(purpose, payload);
    RC_ASSERT(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
              == std::string::npos);
    RC_ASSERT(signer.verify(purpose, token, 1s).value() == payload);
  });
}

TEST_CASE("a token of one purpose is denied for another") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(plain_secret), clock};
  auto token = signer.sign("static", "payload");
  CHECK(signer.verify("session", token, 10s).error().code == errc::denied);
  CHECK(signer.verify("stati", token, 10s).error().code == errc::denied);
  CHECK(signer.verify("", token, 10s).error().code == errc::denied);
}

TEST_CASE("every purpose has a key of its own, however many there are") {
  const auto all = keyring::parse(std::string(secret_octets_min, 's')).value();
  manual_clock time;
  const token_signer signer{all, time};
  const token_signer fresh{all, time};  // Has derived nothing yet.
  for (int i = 0; i < 200; ++i) {
    const auto purpose = "purpose " + std::to_string(i);
    const auto token = signer.sign(purpose, "x");
    REQUIRE(signer.sign(purpose, "x") == token);
    REQUIRE(fresh.verify(purpose, token, 1h).ok());
    REQUIRE(fresh.verify("purpose " + std::to_string(i + 1), token, 1h).error().code == errc::denied);
  }
}

TEST_CASE("a changed token is never accepted, whichever character is changed") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(listed("k2", 'b') + "," + listed("k1", 'a')), clock};
  auto token = signer.sign("session", "payload");
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (char c : {'A', 'B', 'g', '1', '-', '.', '=', '\0'}) {
      if (token[i] == c)
        continue;
      auto changed = token;
      changed[i] = c;
      CAPTURE(changed);
      CHECK_FALSE(signer.verify("session", changed, 10s).ok());
    }
    CHECK_FALSE(signer.verify("session", token.substr(0, i), 10s).ok());
  }
  CHECK_FALSE(signer.verify("session", token + "A", 10s).ok());
  CHECK_FALSE(signer.verify("session", token + ".", 10s).ok());
}

TEST_CASE("each way in which a token can be wrong has its code") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(listed("k2", 'b') + "," + listed("k1", 'a')), clock};
  auto token = signer.sign("session", "payload");
  auto code = [&](std::string_view text) { return signer.verify("session", text, 10s).error().code; };
  CHECK(code("") == errc::invalid);
  CHECK(code("....") == errc::unsupported);
  CHECK(code("v1....") == errc::invalid);
  CHECK(code(token + ".x") == errc::invalid);
  CHECK(code(with_field(token, 0, "v2")) == errc::unsupported);
  CHECK(code(with_field(token, 1, "k1")) == errc::denied);
  CHECK(code(with_field(token, 1, "k3")) == errc::denied);
  CHECK(code(with_field(token, 2, base64url_encode("other"))) == errc::denied);
  CHECK(code(with_field(token, 2, "not base64")) == errc::invalid);
  CHECK(code(with_field(token, 3, base64url_encode("12345678"))) == errc::denied);
  CHECK(code(with_field(token, 3, base64url_encode("1234567"))) == errc::invalid);
  CHECK(code(with_field(token, 4, base64url_encode(bytes(32, 'x')))) == errc::denied);
  CHECK(code(with_field(token, 4, base64url_encode(bytes(31, 'x')))) == errc::invalid);
  CHECK(code(with_field(token, 4, "")) == errc::invalid);
  CHECK(code(std::string(token_octets_max + 1, 'A')) == errc::too_large);
}

TEST_CASE("a token from a clock slightly ahead is accepted, from the future it is denied") {
  auto behind = manual_clock{};
  auto ahead = manual_clock{};
  ahead.advance(token_clock_skew_max);
  auto signer = token_signer{ring(plain_secret), behind};
  CHECK(signer.verify("session", token_signer{ring(plain_secret), ahead}.sign("session", "x"), 0s).ok());
  ahead.advance(1ms);
  auto refused = signer.verify("session", token_signer{ring(plain_secret), ahead}.sign("session", "x"), 10s);
  CHECK(refused.error()
        == error{errc::denied, "session token: issued 60001 ms in the future; compare the nodes' clocks"});
}

TEST_CASE("a secret can be rotated without losing tokens, and then retired") {
  auto clock = manual_clock{};
  auto old_token = token_signer{ring(plain_secret), clock}.sign("session", "x");

  auto rotated = token_signer{ring(listed("k1", 'n') + ",k0:" + base64url_encode(plain_secret)), clock};
  CHECK(rotated.verify("session", old_token, 10s).value() == "x");
  CHECK(rotated.sign("session", "x").find("v1.k1.") == 0);

  auto retired = token_signer{ring(listed("k1", 'n')), clock};
  CHECK(retired.verify("session", old_token, 10s).error()
        == error{errc::denied, "session token: signed with a key that is not in the key ring"});
  CHECK(retired.verify("session", rotated.sign("session", "y"), 10s).value() == "y");
}

TEST_CASE("another secret under the same key id is denied") {
  auto clock = manual_clock{};
  auto token = token_signer{ring(listed("k1", 'a')), clock}.sign("session", "x");
  auto other = token_signer{ring(listed("k1", 'b')), clock};
  CHECK(other.verify("session", token, 10s).error().code == errc::denied);
}

TEST_CASE("the largest token is accepted and one octet more cannot be signed") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(plain_secret), clock};
  auto overhead = signer.sign("session", "").size();
  auto payload_max = (token_octets_max - overhead) / 4 * 3;
  auto token = signer.sign("session", bytes(payload_max, 'x'));
  CHECK(signer.verify("session", token, 1s).value().size() == payload_max);
  CHECK_THROWS_AS((void)signer.sign("session", bytes(payload_max + 3, 'x')), std::length_error);
}

TEST_CASE("any octets as a token are answered with an error") {
  auto clock = manual_clock{};
  auto signer = token_signer{ring(plain_secret), clock};
  testing::check_property([&] { RC_ASSERT(!signer.verify("session", *testing::any_octets(), 10s).ok()); });
}
