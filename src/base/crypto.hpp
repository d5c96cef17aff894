#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace beamline {

// Hashes, MACs and text forms of octets, on OpenSSL. All functions are pure and thread-safe. A failure inside
// OpenSSL (no memory, a provider that is missing) throws `std::runtime_error` with OpenSSL's own words.

inline constexpr std::size_t sha256_octets = 32;

/// SHA-256 of `data`: 32 octets.
[[nodiscard]] bytes sha256(std::string_view data);

/// HMAC-SHA256: 32 octets. `key` may have any length.
[[nodiscard]] bytes hmac_sha256(std::string_view key, std::string_view data);

/// A key of 32 octets for one purpose: HKDF-SHA256 (RFC 5869) without salt, `purpose` as info. `secret` must
/// be hard to guess (a random key, not a password). Keys of different purposes tell nothing about each other.
[[nodiscard]] bytes derive_key(std::string_view secret, std::string_view purpose);

/// The two halves of `derive_key`, for who derives many keys from one secret.
[[nodiscard]] bytes hkdf_extract(std::string_view secret);
[[nodiscard]] bytes hkdf_expand(std::string_view extracted, std::string_view purpose);

/// Compares without telling by its duration where the difference is. Lengths are not secret.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

/// Two lower-case hexadecimal digits per octet.
[[nodiscard]] std::string hex(std::string_view data);

/// Octets from hexadecimal digits of either case; `invalid` on anything else.
[[nodiscard]] result<bytes> hex_decode(std::string_view text);

/// RFC 4648 section 5 without padding: only A-Z a-z 0-9 `-` `_`, safe in URLs, cookies and attributes.
[[nodiscard]] std::string base64url_encode(std::string_view data);

/// Strict: no padding, no white space, no other alphabet, no spare bits set. Each value has exactly one text.
/// Anything else is `invalid`; the message gives the position, never the text, which may be a secret.
[[nodiscard]] result<bytes> base64url_decode(std::string_view text);

}  // namespace beamline
