#pragma once

#include "base/result.hpp"
#include "pubsub/presence/tracker/shard_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

enum class tracker_mode : std::uint8_t { members, count };

/// The trackers that run on a node, and what outlives their shards: a part of the node, made before it starts.
///
///   trackers list;  node.env().provide(list);
///
/// Thread-safe. Holds trackers_max names.
class trackers {
public:
  // One more is refused.
  static constexpr std::size_t trackers_max = 256;

  struct tracker {
    std::string name;
    tracker_mode mode = tracker_mode::members;
    std::vector<std::shared_ptr<shard_memory>> shards;
  };

  /// Null: no such tracker runs.
  [[nodiscard]] std::shared_ptr<const tracker> find(std::string_view name) const;
  /// By name.
  [[nodiscard]] std::vector<std::string> names() const;

  // -- for the tracker itself ---------------------------------------------------------------------------

  /// It runs from now on, with what its run before left unless it was closed. Errors: `invalid` (trackers_max).
  [[nodiscard]] result<void> open(const std::string& name, tracker_mode mode, std::size_t shards);
  /// It has ended in order: what is tracked and published is forgotten.
  void close(std::string_view name);
  /// How often a shard of that tracker was started on this node, this time included.
  [[nodiscard]] std::uint64_t next_start(const std::string& name);

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const tracker>, std::less<>> running_;
  std::map<std::string, std::uint64_t> starts_;  // Also of those that are closed: a run is never confused with another.
};

}  // namespace beamline::presence
