#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

// A shorter secret is refused (D18).
inline constexpr std::size_t key_octets_min = 16;

// More keys beside the current one are refused: rotation needs two.
inline constexpr std::size_t other_keys_max = 16;
inline constexpr std::size_t key_id_octets_max = 64;

/// One shared secret with the name by which both sides mean it.
struct auth_key {
  std::string id;  // Printable ASCII.
  bytes secret;
  bool is_known_to_all = false;  // Of the development cookie: it keeps nobody out, so it stays on loopback.
};

/// The cookies of a node (D15, D24): it proves itself with `current` and accepts `others` too (the previous one, the
/// next one). A node may have a key of its own with some peers. A value; nothing here is ever logged but ids.
struct keyring {
  auth_key current;
  std::vector<auth_key> others{};
  std::map<std::string, auth_key> of_peer{};  // By node name; it alone counts with that peer.

  /// Which one to prove oneself with; `peer` may be empty: not known yet.
  [[nodiscard]] const auth_key& to_prove_to(std::string_view peer) const;
  /// Null: that key does not count with that peer.
  [[nodiscard]] const auth_key* find(std::string_view id, std::string_view peer) const;
  /// Whether it can be used: ids that are different and printable, secrets long enough. Errors: `invalid`, which names
  /// the id. A handshake with a keyring that fails this throws.
  [[nodiscard]] result<void> check() const;
  /// Whether one of them is known to all.
  [[nodiscard]] bool has_known_to_all() const;
  /// `"2", "1"`: what is accepted from that peer, for logs.
  [[nodiscard]] std::string ids_for(std::string_view peer) const;
};

}  // namespace beamline::net
