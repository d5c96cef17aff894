#include "base/crypto.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace beamline {

namespace {

[[noreturn]] void throw_openssl(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::runtime_error{fmt::format("OpenSSL: {} failed: {}", what, text.data())};
}

const unsigned char* octets(std::string_view data) { return reinterpret_cast<const unsigned char*>(data.data()); }

unsigned char* octets(bytes& data) { return reinterpret_cast<unsigned char*>(data.data()); }

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values)
    value = no_digit;
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr auto base64url_values = values_of(base64url_digits);

constexpr std::array<std::uint8_t, 256> make_hex_values() {
  auto values = values_of(hex_digits);
  for (int i = 0; i < 6; ++i)
    values[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
  return values;
}

constexpr auto hex_values = make_hex_values();

}  // namespace

bytes sha256(std::string_view data) {
  bytes digest(sha256_octets, '\0');
  if (EVP_Digest(data.data(), data.size(), octets(digest), nullptr, EVP_sha256(), nullptr) != 1)
    throw_openssl("SHA-256");
  return digest;
}

bytes hmac_sha256(std::string_view key, std::string_view data) {
  bytes mac(sha256_octets, '\0');
  // A null key means "the key of the last call" to HMAC(), so an empty one needs an address.
  const void* key_octets = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha256(), key_octets, static_cast<int>(key.size()), octets(data), data.size(), octets(mac), nullptr)
      == nullptr)
    throw_openssl("HMAC-SHA256");
  return mac;
}

bytes hkdf_extract(std::string_view secret) {
  // RFC 5869 2.2: no salt is a salt of as many zeros as the hash is long.
  return hmac_sha256(bytes(sha256_octets, '\0'), secret);
}

bytes hkdf_expand(std::string_view extracted, std::string_view purpose) {
  // RFC 5869 2.3 for an output as long as the hash: one block, T(1) = HMAC(PRK, info | 0x01).
  bytes info{purpose};
  info.push_back('\x01');
  return hmac_sha256(extracted, info);
}

bytes derive_key(std::string_view secret, std::string_view purpose) {
  return hkdf_expand(hkdf_extract(secret), purpose);
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::string_view data) {
  std::string text;
  text.reserve(data.size() * 2);
  for (char c : data) {
    auto octet = static_cast<unsigned char>(c);
    text.push_back(hex_digits[octet >> 4]);
    text.push_back(hex_digits[octet & 0x0F]);
  }
  return text;
}

result<bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0)
    return error{errc::invalid, fmt::format("hexadecimal text has {} digits, expected an even number", text.size())};
  bytes data;
  data.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    auto high = hex_values[static_cast<unsigned char>(text[i])];
    auto low = hex_values[static_cast<unsigned char>(text[i + 1])];
    if (high == no_digit || low == no_digit)
      return error{errc::invalid, fmt::format("hexadecimal text has a character other than 0-9 a-f at position {}",
                                              high == no_digit ? i : i + 1)};
    data.push_back(static_cast<char>((high << 4) | low));
  }
  return data;
}

std::string base64url_encode(std::string_view data) {
  std::string text;
  text.reserve((data.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (char c : data) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      text.push_back(base64url_digits[(bits >> bit_count) & 0x3F]);
    }
  }
  if (bit_count > 0)
    text.push_back(base64url_digits[(bits << (6 - bit_count)) & 0x3F]);
  return text;
}

result<bytes> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1)
    return error{errc::invalid, fmt::format("base64url text of {} characters is cut off", text.size())};
  bytes data;
  data.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto value = base64url_values[static_cast<unsigned char>(text[i])];
    if (value == no_digit)
      return error{errc::invalid, fmt::format("base64url text has a character other than A-Z a-z 0-9 - _ at position "
                                              "{} (padding is not used)",
                                              i)};
    bits = (bits << 6) | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      data.push_back(static_cast<char>((bits >> bit_count) & 0xFF));
    }
  }
  if ((bits & ((1U << bit_count) - 1)) != 0)
    return error{errc::invalid, "base64url text has spare bits set in its last character"};
  return data;
}

}  // namespace beamline
