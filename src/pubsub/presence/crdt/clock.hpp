#pragma once

#include "actors/message.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace beamline::presence {

/// One run of one shard of a tracker on one node (D124): `version` grows with every start, so that a message of an
/// older run is recognised (D131).
struct replica_id {
  std::string name;
  std::uint64_t version = 0;
  BEAMLINE_MESSAGE(replica_id, "presence.replica", 1, name, version)

  friend auto operator<=>(const replica_id&, const replica_id&) = default;
};

/// How much of each replica was seen: everything up to that number. Ordered, so that all that is made of it is the same
/// in every run.
using clock_map = std::map<replica_id, std::uint64_t>;

/// What `c` says of that replica; 0: nothing.
[[nodiscard]] std::uint64_t counter_of(const clock_map& c, const replica_id& r);
/// At least as many replicas, and each at least as far (missing: 0) (D155).
[[nodiscard]] bool dominates(const clock_map& a, const clock_map& b);
[[nodiscard]] clock_map upper_bound(const clock_map& a, const clock_map& b);
/// Where only one has a replica, that one's value.
[[nodiscard]] clock_map lower_bound(const clock_map& a, const clock_map& b);
[[nodiscard]] clock_map restricted(const clock_map& c, const std::set<replica_id>& to);
/// Only the replicas that `to` has, too.
[[nodiscard]] clock_map restricted(const clock_map& c, const clock_map& to);
[[nodiscard]] std::vector<replica_id> replicas_of(const clock_map& c);

/// Clocks that were heard since the last request for a transfer: it decides whom to ask (D154). Holds one clock for
/// each replica that was heard.
class clock_set {
public:
  /// The newest clock of a replica replaces its older one. An empty clock changes nothing.
  void add(const replica_id& from, clock_map c);
  /// Who knows something that `own` lacks, the fewest that together know all of it, in order; and empties the set. Of
  /// equals the one that wrote what is missing.
  /// Only the replicas in `own` count (D155): what this replica would not take is no reason to ask.
  [[nodiscard]] std::vector<replica_id> take(const replica_id& self, const clock_map& own);
  /// Its clock is not asked for any more: it went down.
  void remove(const replica_id& r) { clocks_.erase(r); }
  [[nodiscard]] bool empty() const noexcept { return clocks_.empty(); }

private:
  std::map<replica_id, clock_map> clocks_;
};

}  // namespace beamline::presence
