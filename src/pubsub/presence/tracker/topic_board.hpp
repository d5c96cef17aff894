#pragma once

#include "pubsub/presence/tracker/diff_sum.hpp"
#include "pubsub/presence/tracker/entry_tree.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

/// What one shard has published, topic by topic: for whoever reads without asking it, and for its successor, who goes
/// on from there (D171).
///
/// One writer at a time: the newest run that claimed it; what an earlier one writes is ignored, it may be a zombie.
/// Readers hold a lock for as long as it takes to find a topic; what they read then never changes, and costs the writer
/// O(log n) per entry that it changes (D164, D169).
class topic_board {
public:
  /// From now on only that run writes.
  void claim(std::uint64_t version);
  void clear();

  // -- for the writer ----------------------------------------------------------------------------------

  struct topic_update {
    std::vector<board_entry> gone;
    std::vector<board_entry> there;
    bool is_all = false;            // `there` is all of it.
    std::int64_t count_change = 0;  // Of what count() says ...
    std::uint64_t count = 0;        // ... or, with is_all, what it says.
  };
  void write(std::uint64_t version, const std::string& topic, const topic_update& u);
  /// All that is written now is what those replicas had at that clock.
  void write_clock(std::uint64_t version, clock_map seen);

  // -- from any thread -----------------------------------------------------------------------------------

  [[nodiscard]] entry_tree read(std::string_view topic) const;
  /// Of members, or of what the replicas' counts add up to; without replicas that are down.
  [[nodiscard]] std::uint64_t count(std::string_view topic) const;
  [[nodiscard]] std::vector<std::string> topics() const;
  [[nodiscard]] clock_map clock() const;

private:
  struct content {
    entry_tree entries;
    std::uint64_t count = 0;
  };

  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  clock_map seen_;
  std::map<std::string, content, std::less<>> topics_;
};

}  // namespace beamline::presence
