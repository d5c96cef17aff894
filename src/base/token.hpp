#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

/// A secret with the name under which tokens refer to it.
struct secret_key {
  std::string id;
  bytes secret;
};

/// Shorter secrets are refused when the program starts: they could be guessed.
inline constexpr std::size_t secret_octets_min = 32;

/// A longer key id is refused; it is repeated in every token.
inline constexpr std::size_t key_id_octets_max = 32;

/// More keys than this are refused: a rotation needs two, a careless one three.
inline constexpr std::size_t keyring_keys_max = 8;

/// The secrets of a site: the current one signs, the older ones are still accepted, so that a secret can be
/// replaced without logging anybody out. An immutable value; copies are cheap enough for start-up only.
class keyring {
public:
  /// Parses `new:BASE64URL,old:BASE64URL` (the first key is the current one) or one plain secret of at least
  /// `secret_octets_min` octets, whose key id then is `plain_id`. A plain secret contains neither `:` nor `,`.
  /// Anything else is `invalid`. Messages name the key, never the secret.
  [[nodiscard]] static result<keyring> parse(std::string_view text);

  /// A plain secret can later be moved into a list under this id, and its tokens stay valid.
  static constexpr std::string_view plain_id = "k0";

  [[nodiscard]] const secret_key& current() const noexcept { return keys_.front(); }
  /// All accepted keys, the current one first; never empty.
  [[nodiscard]] const std::vector<secret_key>& keys() const noexcept { return keys_; }
  /// The key of that id, or null.
  [[nodiscard]] const secret_key* find(std::string_view id) const noexcept;

private:
  explicit keyring(std::vector<secret_key> keys) : keys_{std::move(keys)} {}

  std::vector<secret_key> keys_;
};

/// A longer token is refused unread (`too_large`); signing a payload that leads to one throws.
inline constexpr std::size_t token_octets_max = 64 * 1024;

/// A token may come from a node whose clock is ahead by this much; from further in the future it is refused.
inline constexpr duration token_clock_skew_max = std::chrono::minutes{1};

/// Makes and checks signed tokens: `v1.<key id>.<payload>.<issue time>.<mac>`, payload and MAC in base64url.
///
/// The payload is protected against change, not against reading: no secrets in it. Only the characters
/// A-Z a-z 0-9 `_` `.` `-` occur, so a token may stand in an attribute, a cookie or a URL. The MAC is
/// HMAC-SHA256 with a key derived for the purpose, so a token of one purpose never passes as another.
/// Thread-safe. The clock must outlive the signer.
class token_signer {
public:
  token_signer(const keyring& keys, const clock& time);

  /// A token for `payload`, issued now with the current key. Throws `std::length_error` if it would be longer
  /// than `token_octets_max`: what goes into tokens is the program's own and bounded by it.
  [[nodiscard]] std::string sign(std::string_view purpose, std::string_view payload) const;

  /// The payload of a token that was signed for `purpose` at most `max_age` ago. Else
  ///   `invalid`      it does not have the form of a token;
  ///   `unsupported`  it has another format version;
  ///   `denied`       unknown key, wrong signature, signed for another purpose, or issued in the future;
  ///   `timeout`      it is too old;
  ///   `too_large`    it is longer than `token_octets_max`.
  [[nodiscard]] result<bytes> verify(std::string_view purpose, std::string_view token, duration max_age) const;

private:
  class purpose_keys;  // Second half of the key derivation, done once for each purpose.
  struct accepted_key {
    std::string id;
    std::shared_ptr<purpose_keys> derived;
  };

  [[nodiscard]] const accepted_key* find_key(std::string_view id) const noexcept;

  std::vector<accepted_key> keys_;
  const clock& clock_;
};

}  // namespace beamline
