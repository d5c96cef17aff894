#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pubsub/presence/crdt/delta.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace beamline::presence {

// A delta as octets. Replicas, topics and metas are written once each, runs of dots as two numbers, counters as the
// distance from the one before, so an entry of a known topic takes its key, its meta and five octets:
//
//   delta    = format (1), whole or not, number of replicas, replica...          in ascending order
//   replica  = name, version, what follows (bits), start?, end?, runs?, entries?
//   runs     = number, (counters left out since the last run, counters more than one)...
//   entries  = number, (distance of the counter, topic, actor, key, meta)...
//   topic    = 0, text: the next number names it from now on | its number         meta the same
//
// Octets can be cut anywhere to be sent in parts, and are read as a whole.

// The first octet. Another one is `unsupported`.
inline constexpr std::uint8_t delta_format = 1;
// No counter gets there; a greater one is `invalid`.
inline constexpr std::uint64_t counter_max = std::uint64_t{1} << 62;
// Of a replica's name.
inline constexpr std::size_t replica_name_octets_max = 512;

/// What is longer is `too_large`, and nothing of the delta is used.
struct delta_limits {
  std::size_t topic_octets_max = 255;
  std::size_t key_octets_max = 255;
  std::size_t meta_octets_max = 64U << 10;
};

[[nodiscard]] bytes pack(const delta& d);

/// Reads what `pack` wrote, or anything else: then the error names the position, what was read and what was expected
/// there (`invalid`, `corrupt`, `too_large`, `unsupported`). What comes out keeps the rules of `delta`: each range is
/// covered by its dots, each value is one of the dots. It takes at most about 60 octets of memory for each octet read.
[[nodiscard]] result<delta> unpack(std::string_view octets, const delta_limits& limits = {});

}  // namespace beamline::presence
