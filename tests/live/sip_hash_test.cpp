#include "web/live/sip_hash.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline::web::live;

TEST_CASE("sip_hash gives the numbers of the paper's reference implementation") {
  const auto key = hash_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  auto text = std::string{};
  CHECK(sip_hash(key, text) == 0x726fdb47dd0e0e31);
  for (char c = 0; c < 15; ++c)
    text += c;
  CHECK(sip_hash(key, std::string_view{text}.substr(0, 8)) == 0x93f5f5799a932462);
  CHECK(sip_hash(key, text) == 0xa129ca6149be45e5);
}

TEST_CASE("sip_hash depends on the key and on the length") {
  CHECK(sip_hash({1, 2}, "a") != sip_hash({1, 3}, "a"));
  CHECK(sip_hash({}, std::string(1, '\0')) != sip_hash({}, ""));
}
