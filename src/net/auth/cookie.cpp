#include "net/auth/cookie.hpp"

#include "base/cluster_options.hpp"
#include "base/crypto.hpp"

#include <span>
#include <stdexcept>

#include <openssl/evp.h>

namespace beamline::net {

namespace {

// One purpose for both ways: no cookie is read in two ways, so no key can come out of both.
constexpr std::string_view purpose = "beamline cookie";

}  // namespace

std::string new_cookie(random_source& random) {
  bytes octets(new_cookie_octets, '\0');
  random.fill(std::as_writable_bytes(std::span{octets}));
  return base64url_encode(octets);
}

bytes key_of_cookie(std::string_view cookie) {
  if (cookie_bits(cookie) >= cookie_bits_recommended)
    return derive_key(cookie, purpose);
  bytes key(sha256_octets, '\0');
  // The salt is the same everywhere, since every node has to come to the same key by itself.
  if (PKCS5_PBKDF2_HMAC(cookie.data(), static_cast<int>(cookie.size()),
                        reinterpret_cast<const unsigned char*>(purpose.data()), static_cast<int>(purpose.size()),
                        passphrase_rounds, EVP_sha256(), static_cast<int>(key.size()),
                        reinterpret_cast<unsigned char*>(key.data()))
      != 1)
    throw std::runtime_error{"OpenSSL: PBKDF2 failed"};
  return key;
}

}  // namespace beamline::net
