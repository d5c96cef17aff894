#pragma once

#include "pubsub/presence/crdt/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::presence {

/// What is tracked here by one shard: processes of this node, with topic, key and meta. Lives outside the shard, so
/// that the next run of it tracks all of them again (D171).
///
/// Thread-safe; one writer at a time: the newest run that claimed it. What an earlier one writes is ignored, it may be
/// a zombie.
class registrations {
public:
  void claim(std::uint64_t version);
  void clear();

  // -- for the shard; false, or nothing: another run has claimed it, or there is none of it ------------

  /// A new one, or another meta for one that is there.
  void put(std::uint64_t version, const entry_key& who, meta_text meta);
  bool erase(std::uint64_t version, const entry_key& who);

  // -- reading -------------------------------------------------------------------------------------------

  /// Null: it is not tracked.
  [[nodiscard]] meta_text find(const entry_key& who) const;
  [[nodiscard]] bool has(std::uint64_t actor) const;
  [[nodiscard]] std::vector<entry_key> of_actor(std::uint64_t actor) const;
  struct registration {
    entry_key who;
    meta_text meta;
    std::uint64_t order = 0;  // Grows with every one that is new.
  };
  /// As they were tracked.
  [[nodiscard]] std::vector<registration> all() const;
  /// By key, then as they were tracked.
  [[nodiscard]] std::vector<registration> of_topic(std::string_view topic) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::uint64_t count(std::string_view topic) const;

private:
  struct held {
    meta_text meta;
    std::uint64_t order = 0;
  };

  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  std::uint64_t last_order_ = 0;
  std::map<entry_key, held> entries_;
  std::map<std::uint64_t, std::set<std::pair<std::string, std::string>>> of_actor_;  // Topic, key.
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace beamline::presence
