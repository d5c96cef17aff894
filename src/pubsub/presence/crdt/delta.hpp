#pragma once

#include "pubsub/presence/crdt/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace beamline::presence {

/// Changes since some point, or a whole state: what replicas send each other, about themselves and about others.
///
/// Of each replica in `end` it tells all that happened after `start` up to `end`; of a whole state, which has no
/// `start`, all up to `end`. `cloud` has every dot of that range, and the dots of what was removed meanwhile; `values`
/// those entries of them that are still there. So a dot of the cloud without a value was removed: that is all there is
/// to say about a removal (D137-D140). A whole state has no cloud: what is not in its values is not there.
struct delta {
  clock_map start{};
  clock_map end{};
  bool is_whole = false;
  std::map<replica_id, dot_set> cloud{};
  std::map<replica_id, entry_map> values{};  // Every one of them was seen.

  /// Values and dots (D151).
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return values.empty() && cloud.empty() && (!is_whole || end.empty()); }
  [[nodiscard]] bool has_seen(const replica_id& r, std::uint64_t counter) const;
  [[nodiscard]] entry_ptr value(const replica_id& r, std::uint64_t counter) const;  // Null: none.
  /// As if it had never heard of that replica.
  void remove_replica(const replica_id& r);

  /// By content.
  friend bool operator==(const delta& a, const delta& b);
};

/// Of one replica: makes `into_values` what is left of both, and `into_seen` all that either saw; in any order.
/// O(changes * log), whatever `into` holds.
void absorb_changes(dot_set& into_seen, entry_map& into_values, const dot_set& seen, const entry_map& values);

/// Whether their ranges touch or overlap for every replica that both name (D153). Whole states never do: they are not
/// ranges.
[[nodiscard]] bool are_contiguous(const delta& a, const delta& b);
/// Makes `into` both as one; they must be contiguous. O(size of `d` * log), whatever `into` holds.
void absorb(delta& into, const delta& d);
/// Both as one, when their ranges touch or overlap; else nothing (`not_contiguous`, D153).
[[nodiscard]] std::optional<delta> merged(const delta& a, const delta& b);

}  // namespace beamline::presence
