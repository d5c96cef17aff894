#pragma once

#include "pubsub/presence/tracker/registrations.hpp"
#include "pubsub/presence/tracker/run_memory.hpp"
#include "pubsub/presence/tracker/topic_board.hpp"

#include <cstdint>

namespace beamline::presence {

/// What outlives one run of a shard: who is tracked here, what was published, and which runs of others were heard
/// (D131, D171). Thread-safe.
struct shard_memory {
  registrations own;
  topic_board board;
  run_memory runs;

  /// From now on only that run writes.
  void claim(std::uint64_t version) {
    own.claim(version);
    board.claim(version);
    runs.claim(version);
  }
  void clear() {
    own.clear();
    board.clear();
    runs.clear();
  }
};

}  // namespace beamline::presence
