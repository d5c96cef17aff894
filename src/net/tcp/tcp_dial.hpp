#pragma once

#include "net/byte_stream.hpp"
#include "net/resolver.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>

namespace beamline::net {

/// One attempt to connect: the name is resolved, then its addresses are tried one after another, each with its share of
/// the time that is left, so that one that does not answer costs the others nothing.
///
/// On the thread. Destroying it ends the attempt; `done` is not called then.
class tcp_dial {
public:
  virtual ~tcp_dial() = default;
};

/// `names` must outlive the dial. `done` as byte_network::dial says, and never from within this call.
[[nodiscard]] std::unique_ptr<tcp_dial> dial_tcp(net_thread& home, resolver& names, const endpoint& to, duration within,
                                                 byte_network::on_dial done);

}  // namespace beamline::net
