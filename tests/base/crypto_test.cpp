#include "base/crypto.hpp"

#include "property.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

bytes from_hex(std::string_view text) { return hex_decode(text).value(); }

}  // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-2") {
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("HMAC-SHA256 gives the codes of RFC 4231") {
  CHECK(hex(hmac_sha256(bytes(20, '\x0b'), "Hi There"))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?"))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HMAC-SHA256 accepts an empty key and empty data") {
  CHECK(hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("key derivation is HKDF-SHA256 as in RFC 5869") {
  // Test case 3 (no salt, no info); the first 32 of its 42 octets.
  auto secret = bytes(22, '\x0b');
  CHECK(hex(hkdf_extract(secret)) == "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  CHECK(hex(derive_key(secret, "")) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
  // Test case 1: extracted key and info.
  auto extracted = from_hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  CHECK(hex(hkdf_expand(extracted, from_hex("f0f1f2f3f4f5f6f7f8f9")))
        == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST_CASE("keys of different purposes and secrets differ") {
  CHECK(derive_key("secret", "session") != derive_key("secret", "static"));
  CHECK(derive_key("secret", "session") != derive_key("Secret", "session"));
  CHECK(derive_key("secret", "session") == derive_key("secret", "session"));
}

TEST_CASE("comparison sees any difference") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("abc", "abc"));
  CHECK_FALSE(constant_time_equal("abc", "abd"));
  CHECK_FALSE(constant_time_equal("abc", "bbc"));
  CHECK_FALSE(constant_time_equal("abc", "ab"));
}

TEST_CASE("hexadecimal text has two lower-case digits per octet and is read in either case") {
  using namespace std::string_literals;
  CHECK(hex("\x00\x7F\xFF"s) == "007fff");
  CHECK(from_hex("007FfF") == "\x00\x7F\xFF"s);
  CHECK(hex_decode("abc").error().code == errc::invalid);
  CHECK(hex_decode("0g").error().message.find("position 1") != std::string::npos);
  CHECK_FALSE(hex_decode("0x").ok());
  CHECK_FALSE(hex_decode(" 0").ok());
}

TEST_CASE("base64url gives the texts of RFC 4648, without padding") {
  CHECK(base64url_encode("") == "");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_encode("fo") == "Zm8");
  CHECK(base64url_encode("foo") == "Zm9v");
  CHECK(base64url_encode("foob") == "Zm9vYg");
  CHECK(base64url_encode("\xFB\xFF\xFE") == "-__-");
}

TEST_CASE("base64url refuses every text it would not write") {
  for (auto text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm+v", "Zm/v", "Zm 9", "Zm9v\n", "Zh", "Zm9", "\xC3\xA9=="}) {
    CAPTURE(text);
    auto decoded = base64url_decode(text);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code == errc::invalid);
  }
  CHECK(base64url_decode("ab!d").error().message.find("position 2") != std::string::npos);
}

TEST_CASE("base64url and hexadecimal text survive the way back") {
  testing::check_property([] {
    auto octets = *testing::any_octets();
    RC_ASSERT(base64url_decode(base64url_encode(octets)).value() == octets);
    RC_ASSERT(hex_decode(hex(octets)).value() == octets);
  });
}

TEST_CASE("base64url text that is accepted is the only text of its octets") {
  testing::check_property([] {
    auto digits = std::string{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
    auto text = *rc::gen::container<std::string>(rc::gen::elementOf(digits));
    auto octets = base64url_decode(text);
    if (octets)
      RC_ASSERT(base64url_encode(*octets) == text);
  });
}
