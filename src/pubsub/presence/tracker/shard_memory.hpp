#pragma once

#include "pubsub/presence/tracker/registrations.hpp"
#include "pubsub/presence/tracker/topic_board.hpp"

#include <cstdint>

namespace beamline::presence {

/// What outlives one run of a shard: who is tracked here, and what was published (D171). Thread-safe.
struct shard_memory {
  registrations own;
  topic_board board;

  /// From now on only that run writes.
  void claim(std::uint64_t version) {
    own.claim(version);
    board.claim(version);
  }
  void clear() {
    own.clear();
    board.clear();
  }
};

}  // namespace beamline::presence
