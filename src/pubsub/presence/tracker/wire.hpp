#pragma once

// What the shards of one number tell each other, by the lane `presence`, straight over the links (D243): one kind
// octet, then the message.
//
//   announce   which tracker this is; nothing else is exchanged with who differs
//   beat       I am alive, this is what changed since the last one, this far I know everybody (D128)
//   request    send me what I have not seen, this far I know everybody (D154); or the next part of it
//   transfer   one part of that; an unasked one is as good (D162)
//   permdown   I end for good (D135)

#include "actors/message_codec.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pubsub/presence/crdt/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::presence {

/// Later versions may append fields, which this one skips.
struct wire_announce {
  std::string tracker;
  std::uint64_t shards = 0;
  std::uint64_t mode = 0;    // A tracker_mode.
  std::uint64_t schema = 0;  // tracker_schema of the sender.
  replica_id replica;
  bool wants_answer = false;
  BEAMLINE_MESSAGE(wire_announce, "presence.announce", 1, tracker, shards, mode, schema, replica, wants_answer)
};

struct wire_clock {
  replica_id replica;
  std::uint64_t counter = 0;
  BEAMLINE_MESSAGE(wire_clock, "presence.clock", 1, replica, counter)
};

struct wire_beat {
  replica_id replica;
  std::vector<wire_clock> clocks;  // Without replicas that are down (D149).
  bytes delta;                     // pack(delta); empty: nothing changed, or too much to be sent unasked.
  bool has_summary = false;
  std::uint64_t entries = 0;  // The sender's own, at that clock (D163) ...
  std::uint64_t digest = 0;   // ... and what they add up to.
  BEAMLINE_MESSAGE(wire_beat, "presence.beat", 1, replica, clocks, delta, has_summary, entries, digest)
};

struct wire_request {
  replica_id replica;  // Who asks.
  std::uint64_t ref = 0;
  std::vector<wire_clock> clocks;
  std::uint64_t part = 0;
  bool is_segment = false;  // All of the receiver's own entries and nothing else, to replace what is held (D163).
  BEAMLINE_MESSAGE(wire_request, "presence.request", 1, replica, ref, clocks, part, is_segment)
};

struct wire_transfer {
  replica_id replica;  // Who answers.
  std::uint64_t ref = 0;
  std::uint64_t part = 0;
  std::uint64_t parts = 0;
  bool is_segment = false;
  bytes octets;  // Of pack(delta).
  BEAMLINE_MESSAGE(wire_transfer, "presence.transfer", 1, replica, ref, part, parts, is_segment, octets)
};

struct wire_permdown {
  replica_id replica;
  BEAMLINE_MESSAGE(wire_permdown, "presence.permdown", 1, replica)
};

using shard_frame = std::variant<wire_announce, wire_beat, wire_request, wire_transfer, wire_permdown>;

[[nodiscard]] bytes encode_frame(const shard_frame& f);
/// Errors: `invalid`, `too_large`; `unsupported` for a kind of a newer release.
[[nodiscard]] result<shard_frame> decode_frame(std::string_view octets);

[[nodiscard]] std::vector<wire_clock> to_wire(const clock_map& c);
[[nodiscard]] clock_map from_wire(const std::vector<wire_clock>& c);

}  // namespace beamline::presence
