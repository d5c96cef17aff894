#pragma once

// What lists and diffs of a tracker add up to, so that processes can compare theirs without sending ten thousand
// entries.

#include "base/json.hpp"
#include "pubsub/presence/tracker.hpp"
#include "supervision/partition_table.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace beamline::members {

/// Of one entry; the same on every node. A sum of them does not depend on their order, and can be subtracted from.
inline std::uint64_t digest_of(const presence::tracked& t) {
  return supervision::stable_hash(t.at.replica.name + "/" + std::to_string(t.key.actor) + "/" + t.key.key + "/"
                                  + *t.meta);
}

/// Sums up the diffs of a tracker by topic: folded from nothing they must give what is listed (I25). Thread-safe:
/// shards write, whoever asks reads.
class diff_ledger {
public:
  struct sums {
    std::uint64_t diffs = 0, joins = 0, leaves = 0;
    std::uint64_t digest = 0;

    [[nodiscard]] json told() const {
      return {{"ok", true},
              {"diffs", diffs},
              {"joins", joins},
              {"leaves", leaves},
              {"count", static_cast<std::int64_t>(joins - leaves)},
              {"digest", std::to_string(digest)}};
    }
  };

  void add(const presence::diff& d) {
    std::lock_guard lock{mutex_};
    for (const auto& [topic, changes] : d) {
      auto& s = topics_[topic];
      ++s.diffs;
      s.joins += changes.joins.size();
      s.leaves += changes.leaves.size();
      for (const auto& t : changes.joins)
        s.digest += digest_of(t);
      for (const auto& t : changes.leaves)
        s.digest -= digest_of(t);
    }
  }
  [[nodiscard]] sums of(const std::string& topic) const {
    std::lock_guard lock{mutex_};
    auto i = topics_.find(topic);
    return i == topics_.end() ? sums{} : i->second;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, sums> topics_;
};

}  // namespace beamline::members
