#pragma once

#include "pubsub/presence/tracker/replica_table.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace beamline::presence {

/// The newest run of each replica that one run of a shard has heard of: so that the next one does not take an earlier
/// one for new (D131). Thread-safe; one writer at a time: the newest run that claimed it.
class run_memory {
public:
  void claim(std::uint64_t version) {
    std::lock_guard lock{mutex_};
    version_ = std::max(version_, version);
  }
  void clear() {
    std::lock_guard lock{mutex_};
    runs_.clear();
  }
  void write(std::uint64_t version, std::vector<replica_table::past_run> runs) {
    std::lock_guard lock{mutex_};
    if (version == version_)
      runs_ = std::move(runs);
  }
  [[nodiscard]] std::vector<replica_table::past_run> read() const {
    std::lock_guard lock{mutex_};
    return runs_;
  }

private:
  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  std::vector<replica_table::past_run> runs_;
};

}  // namespace beamline::presence
