#pragma once

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/random.hpp"
#include "pubsub/presence/crdt/clock.hpp"
#include "supervision/partition_table.hpp"

#include <cstdint>
#include <string>

namespace beamline::presence {

/// Makes phx_refs: 16 characters, unique in the cluster, meaning nothing (D166). Each run of a shard draws 64 bits, to
/// which it counts.
class ref_source {
public:
  ref_source(random_source& random, const replica_id& self)
      : run_{random.next() ^ mix64(supervision::stable_hash(self.name) + self.version)} {}

  [[nodiscard]] std::string next() {
    if (++count_ == 0)
      run_ = mix64(run_);
    byte_writer out;
    out.u64(run_);
    out.u32(count_);
    return base64url_encode(out.take());
  }

private:
  std::uint64_t run_;
  std::uint32_t count_ = 0;
};

}  // namespace beamline::presence
