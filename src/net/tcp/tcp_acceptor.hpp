#pragma once

#include "base/log.hpp"
#include "net/byte_stream.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>

namespace beamline::net {

// When the process or the system is out of descriptors, accepting rests for this long instead of spinning.
inline constexpr duration accept_pause = 100ms;

/// A listening TCP socket. On the thread. `log` must outlive it.
/// Errors: `conflict` (taken), `denied`, `invalid` (not an address of this machine), `io`.
[[nodiscard]] result<std::unique_ptr<acceptor>> listen_tcp(net_thread& home, const endpoint& at, logger& log);

}  // namespace beamline::net
