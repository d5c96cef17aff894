#pragma once

#include "pubsub/presence/crdt/delta.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace beamline::presence {

/// Recent deltas, merged into few of growing size, so that who missed a little gets a little (D151-D156). Pure.
///
/// What it holds is bounded by its sizes, also when one delta is larger than all of them (the reference keeps the first
/// one whatever its size): that delta then is in no slot, and whoever misses it is sent the whole state.
class generations {
public:
  /// `sizes_max`: how much each may hold at most (`delta::size`), growing. Throws std::invalid_argument if they do not.
  explicit generations(std::vector<std::size_t> sizes_max = {100, 1'000, 10'000});

  /// Own changes go here with every beat. O(size of `d` * log), and a copy of the smaller neighbour when a slot is
  /// full. A whole state clears all (D152); an empty delta changes nothing.
  void push(const delta& d);
  /// What others sent goes here after it was merged, but for replicas that are not in `known`, the state's context: a
  /// transfer may tell of one that was removed meanwhile, and nobody would remove it here a second time (I32).
  void push(const delta& d, const clock_map& known);
  /// After a whole state was merged they say nothing (D152).
  void clear();
  void remove_replica(const replica_id& r);
  /// The smallest that brings who has seen `clock` to where `own` is (`state::sent_context`), without what `for_whom`
  /// wrote and what it does not know; none: send the whole state (D156). Without `own` the smallest that brings any
  /// news, as in the reference: then it can take a transfer after the other until all is known, each a sample period
  /// later.
  [[nodiscard]] std::optional<delta> extract(const replica_id& for_whom, const clock_map& clock,
                                             const clock_map& own = {}) const;
  [[nodiscard]] const std::vector<std::optional<delta>>& slots() const noexcept { return slots_; }

private:
  std::vector<std::size_t> sizes_max_;
  std::vector<std::optional<delta>> slots_;  // As many as sizes.
};

}  // namespace beamline::presence
