#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace beamline::net::rpc {

// A longer or empty name of a procedure is refused: `badarg`.
inline constexpr std::size_t procedure_bytes_max = 128;
// More octets of arguments are refused before anything is sent: `badarg`; a value of more is not told: `failed`, of
// type `too_large`. What a link takes in one message is a little more.
inline constexpr std::size_t arguments_bytes_max = (64U << 20) - (64U << 10);
// Time limits are 0 to this many milliseconds, or infinite (D75).
inline constexpr std::int64_t time_limit_ms_max = 0xffff'ffff;
// Of one node; a further one is refused.
inline constexpr std::size_t procedures_max = 1024;
// Calls under way or waiting on one node, of all procedures; one more is answered `system_limit`.
inline constexpr std::size_t served_max = 16'384;
// Nodes of one multicall or multicast; more are `badarg`.
inline constexpr std::size_t multicall_nodes_max = 4096;
// Requests of one collection that were not fetched yet, unless it says otherwise; `send` refuses one more.
inline constexpr std::size_t requests_max = 65'536;
// Errors within errors: what lies deeper is left out.
inline constexpr std::size_t causes_max = 8;
// Texts of failures are cut to this on the wire.
inline constexpr std::size_t failure_text_bytes_max = 4096;

}  // namespace beamline::net::rpc
