#pragma once

#include "web/live/sip_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace beamline::web::live {

/// What one client's page shows, in as few octets as a diff needs: a hash per text, a fingerprint per template, a
/// hash per list key. Not the text itself, so a page full of long comments costs 8 octets for each.
///
/// Owned by one view or live component; not thread-safe. It changes only when a diff has been encoded to its end, so a
/// render or diff that throws leaves it as it was. A text that changes to another with the same hash (2^-62 per change;
/// the hash is keyed, so nobody can aim at it) would not be sent.
///
/// Layout: one array, no pointers, the tree in the order in which it is walked. The two low bits of a word say what it
/// is:
///
///   text       hash | 0
///   node       length | 1, fingerprint, then each value
///   list       length | 2, fingerprint, count | is-stream | is-keyed, then for each row: its key's hash | 0 (keyed
///              only), each value; a stream has its number instead, and no rows
///   component  number | 3
///
/// `length` counts words, the header included, so a reader can step over what it does not need.
class tree_memory {
public:
  using words = std::vector<std::uint64_t>;
  enum class kind : std::uint8_t { text = 0, node = 1, list = 2, component = 3 };

  explicit tree_memory(hash_key key = {}) : key_{key} {}

  /// Nothing has been sent: the next diff is a full render.
  [[nodiscard]] bool is_empty() const noexcept { return words_.empty(); }
  /// True if the outermost template is that one.
  [[nodiscard]] bool has_root(std::uint64_t fingerprint) const noexcept {
    return !words_.empty() && words_[1] == fingerprint;
  }
  /// Forgets everything, as a client does that joins anew.
  void reset() noexcept {
    forget_tree();
    title_.reset();
  }
  /// The client is about to be given another tree altogether.
  void forget_tree() noexcept { words_ = {}; }
  /// The client has put back its default title, as it does at each join.
  void forget_title() noexcept { title_.reset(); }
  /// The client has been given this tree.
  void set_tree(words now);
  [[nodiscard]] const words& tree() const noexcept { return words_; }
  [[nodiscard]] const hash_key& key() const noexcept { return key_; }
  /// Hash of the title that the client shows.
  [[nodiscard]] std::optional<std::uint64_t> title() const noexcept { return title_; }
  void set_title(std::uint64_t hash) noexcept { title_ = hash; }

  /// Octets on the heap, for budgets and tests.
  [[nodiscard]] std::size_t octets() const noexcept { return words_.capacity() * sizeof(std::uint64_t); }

private:
  words words_;
  std::optional<std::uint64_t> title_;
  hash_key key_;
};

/// The numbers of the live components in a tree, in its order; without those in rows of streams, which are not kept.
[[nodiscard]] std::vector<std::uint64_t> components_in(std::span<const std::uint64_t> tree);

}  // namespace beamline::web::live
