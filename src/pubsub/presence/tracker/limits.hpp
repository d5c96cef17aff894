#pragma once

#include <cstddef>
#include <cstdint>

namespace beamline::presence {

// What two shards must agree on besides name, number and mode (D243). Raised with every change that an older release
// would misread.
inline constexpr std::uint64_t tracker_schema = 1;

// The service "presence:<name>:<shard>" has at most 64 octets.
inline constexpr std::size_t tracker_name_octets_max = 48;
inline constexpr std::size_t shards_max = 1024;

// A beat whose changes take more is sent without them, and who hears it asks for them at once.
inline constexpr std::size_t beat_delta_octets_max = 256U << 10;
// A transfer goes in parts of this size, each asked for by itself, so that it shares the link with others (D162).
inline constexpr std::size_t transfer_part_octets = 256U << 10;
// A peer that announces more, or larger ones, is not listened to: 1 GiB.
inline constexpr std::uint64_t transfer_parts_max = 4096;
// Encoded states that wait to be fetched in parts; who asks for one more is not answered, and asks again.
inline constexpr std::size_t transfers_served_max = 16;
// A transfer that was not answered within a period is asked for again, so often; then the clocks of the next beats
// decide.
inline constexpr int transfer_tries_max = 3;
// Replicas of others that one shard knows, those that are down included. More are not listened to, which is told.
inline constexpr std::size_t replicas_max = 1024;
// Names whose newest run is remembered when it is not known any more. Beyond, the one that was forgotten first may come
// back in an earlier run; the links do not let it in either (D131).
inline constexpr std::size_t past_replicas_max = 4096;
// What phx_ref, phx_ref_prev and quotes add to a meta.
inline constexpr std::size_t meta_refs_octets = 128;
// Calls and casts to a shard that is being restarted; what is more is answered `busy`, or dropped and counted.
inline constexpr std::size_t shard_park_max = 16'384;

}  // namespace beamline::presence
