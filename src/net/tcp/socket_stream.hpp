#pragma once

#include "net/byte_stream.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>
#include <utility>

namespace beamline::net {

/// A byte_stream over a connected stream socket, of whatever family. Takes the descriptor, which must be non-blocking.
/// On the thread.
[[nodiscard]] std::unique_ptr<byte_stream> make_socket_stream(net_thread& home, int descriptor, endpoint remote);

/// One end of a pair of sockets that never leaves this machine.
class local_stream : public byte_stream {
public:
  /// Completions under way are dropped uncalled, the far end reads the end. What it still sends can be read, and its
  /// own end shows when it has let go of its descriptor.
  virtual void hang_up() = 0;
};

struct local_pair {
  std::unique_ptr<local_stream> here;
  int there = -1;  // The other end, of whoever opened the pair: non-blocking, not inherited.
};
/// On the thread. Errors: `io` (no more descriptors).
[[nodiscard]] result<local_pair> open_local_pair(net_thread& home);

}  // namespace beamline::net
