#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <deque>
#include <string_view>

namespace beamline::net {

/// Octets that wait, first in, first out, in chunks: what was taken out is given back chunk by chunk, and an empty
/// queue holds none. Not thread-safe.
class octet_queue {
public:
  // Large enough for appending to cost little per message, small enough to be worth giving back.
  static constexpr std::size_t chunk_octets = 32 * 1024;

  void append(std::string_view octets) {
    if (!chunks_.empty() && chunks_.back().size() + octets.size() <= chunk_octets)
      chunks_.back().append(octets);
    else
      append_chunks(octets);
  }
  /// Without a copy if it is worth a chunk of its own, which is then given back as a whole.
  void append(bytes&& octets);
  /// Moves the first `octets`, of those that are there, to the end of `out`.
  void take(std::size_t octets, bytes& out);
  /// The same, to the end of another queue.
  void take(std::size_t octets, octet_queue& out);
  void drop(std::size_t octets);

private:
  void append_chunks(std::string_view octets);
  template <class Use>
  void consume(std::size_t octets, Use use);

  std::deque<bytes> chunks_;  // None is empty.
  std::size_t at_ = 0;        // In the first chunk; before it everything was taken.
};

}  // namespace beamline::net
