#include "net/auth/cookie.hpp"

#include "base/cluster_options.hpp"
#include "base/crypto.hpp"

#include <doctest/doctest.h>

namespace beamline::net {

TEST_CASE("a new cookie has 40 random octets in letters that need no quoting") {
  seeded_random random{1};
  auto one = new_cookie(random);
  auto other = new_cookie(random);
  CHECK(one != other);
  CHECK(one.size() == 54);
  CHECK(base64url_decode(one).value().size() == new_cookie_octets);
  CHECK(cookie_bits(one) >= cookie_bits_recommended);
}

TEST_CASE("a cookie stands for one key of 32 octets, on every node and in every release") {
  // Made with Python: hmac of HKDF-SHA256 without salt, info "beamline cookie"; hashlib.pbkdf2_hmac, 200,000 rounds.
  CHECK(hex(key_of_cookie("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"))
        == "e0677c264c487d7aa11dced26259f61d8b2d4550a983164a1d07962056a3a695");
  CHECK(hex(key_of_cookie("a passphrase of some length"))
        == "ee18f11216a90f40f50100679e7392d7a4926e5eebb1121c1d46b58efd74eed4");
}

TEST_CASE("cookies that differ a little have keys that differ altogether") {
  std::string strong(64, '\0');
  for (std::size_t i = 0; i < strong.size(); ++i)
    strong[i] = "0123456789abcdef"[i % 16];
  auto other = strong;
  other.back() = '0';
  CHECK(key_of_cookie(strong) != key_of_cookie(other));
  CHECK(key_of_cookie("beamline-development-cookie") != key_of_cookie("beamline-development-cookiE"));
}

}  // namespace beamline::net
