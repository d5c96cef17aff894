#pragma once

#include <cstdint>
#include <string_view>

namespace beamline::web::live {

/// Secret key of `sip_hash`. Drawn once per node from the random port.
struct hash_key {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

/// SipHash-2-4 of `text`: 64 bits that nobody without the key can steer.
///
/// A tree memory keeps hashes instead of the values that it sent. With an unkeyed hash a visitor could write two
/// comments with equal hashes and make the page show the first when it should show the second.
[[nodiscard]] std::uint64_t sip_hash(const hash_key& key, std::string_view text) noexcept;

}  // namespace beamline::web::live
