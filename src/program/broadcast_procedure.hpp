#pragma once

#include "net/rpc/procedure.hpp"

namespace beamline::program {

// Broadcasts that peers have asked for, at the same time; some more wait, and what is beyond is answered
// `system_limit`.
inline constexpr std::size_t far_broadcasts_max = 16;

/// `pubsub.broadcast`, see pubsub/broadcast_request.hpp.
[[nodiscard]] net::rpc::procedure broadcast_procedure();

}  // namespace beamline::program
