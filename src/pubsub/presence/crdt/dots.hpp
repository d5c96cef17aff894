#pragma once

#include "pubsub/presence/crdt/clock.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>

namespace beamline::presence {

/// Which change of which replica put an entry there. Counters begin with 1.
struct dot {
  replica_id replica;
  std::uint64_t counter = 0;
  friend auto operator<=>(const dot&, const dot&) = default;
};

/// Counters of one replica. Neighbours are held as one run, so that the changes of a period, and a whole state, cost
/// one run however many they are. All steps O(log runs), unless they say something else.
class dot_set {
public:
  /// From the first to the last of each run, both included. Runs neither touch nor overlap.
  using run_map = std::map<std::uint64_t, std::uint64_t>;

  void insert(std::uint64_t counter) { insert(counter, counter); }
  /// All from `first` to `last`, which must not be less. O(log runs + runs swallowed).
  void insert(std::uint64_t first, std::uint64_t last);
  /// O(runs of `other`).
  void insert(const dot_set& other);
  /// Drops all counters up to this one. O(log runs + runs dropped).
  void erase_upto(std::uint64_t counter);
  void clear();

  [[nodiscard]] bool contains(std::uint64_t counter) const;
  /// All from `first` to `last`.
  [[nodiscard]] bool contains(std::uint64_t first, std::uint64_t last) const;
  /// The greatest; 0: none.
  [[nodiscard]] std::uint64_t last() const { return runs_.empty() ? 0 : runs_.rbegin()->second; }
  /// How many counters, not runs.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
  [[nodiscard]] const run_map& runs() const noexcept { return runs_; }

  friend bool operator==(const dot_set&, const dot_set&) = default;

private:
  run_map runs_;
  std::size_t size_ = 0;
};

}  // namespace beamline::presence
