#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace beamline::net {

// What `beamline cookie new` draws: 320 bits, 54 characters.
inline constexpr std::size_t new_cookie_octets = 40;
// Rounds of the slow derivation, about a tenth of a second: what each guess at a passphrase costs somebody who has
// recorded a handshake (D17, D18).
inline constexpr int passphrase_rounds = 200'000;

/// A fresh cookie in letters that need no quoting anywhere: A-Z a-z 0-9 - and _. `random` must be fit for secrets.
[[nodiscard]] std::string new_cookie(random_source& random);

/// The key that a cookie stands for, 32 octets; the same on every node. A cookie as strong as a random key
/// (`cookie_bits_recommended`) is taken through HKDF, anything weaker through PBKDF2, which is slow on purpose.
[[nodiscard]] bytes key_of_cookie(std::string_view cookie);

}  // namespace beamline::net
