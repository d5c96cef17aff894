#pragma once

#include "pubsub/presence/crdt/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace beamline::presence {

/// One entry of one topic, as others read it.
struct board_entry {
  std::string key;
  std::shared_ptr<const replica_id> owner;
  std::uint64_t counter = 0;
  std::uint64_t actor = 0;
  meta_text meta;
  bool is_hidden = false;  // Its replica is down.
};

/// A set of entries that never changes: adding one gives another set, which shares all but O(log n) with this one. A
/// copy is a pointer; safe to read from any thread. Ordered by key, owner, number of the change: as they were tracked.
class entry_tree {
public:
  entry_tree() = default;

  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept;
  /// With it, instead of one of the same place.
  [[nodiscard]] entry_tree with(board_entry e) const;
  /// Without the one of that place.
  [[nodiscard]] entry_tree without(const board_entry& place) const;
  /// Null: there is none of that place.
  [[nodiscard]] const board_entry* find(const board_entry& place) const;
  void for_each(const std::function<void(const board_entry&)>& visit) const;

private:
  struct node;
  using node_ptr = std::shared_ptr<const node>;

  explicit entry_tree(node_ptr root) : root_{std::move(root)} {}
  static node_ptr made(const node& like, node_ptr left, node_ptr right);
  static node_ptr merged(const node_ptr& left, const node_ptr& right);
  static std::pair<node_ptr, node_ptr> split(const node_ptr& n, const board_entry& at);
  static node_ptr removed(const node_ptr& n, const board_entry& at);
  static node_ptr inserted(const node_ptr& n, const node& fresh);

  node_ptr root_;
};

}  // namespace beamline::presence
