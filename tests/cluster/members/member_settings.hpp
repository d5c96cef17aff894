#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/byte_stream.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::members {

/// What the node is told as one JSON object on its command line. All are required.
///
///   {"name": "a@127.0.0.1", "incarnation": 1, "listen": "127.0.0.1:4400", "advertise": "127.0.0.1:4800",
///    "peers": ["127.0.0.1:4801"], "tick_ms": 2000, "period_ms": 500, "down_ms": 8000, "grace_ms": 1000, "shards": 2}
struct member_settings {
  std::string name;
  std::uint64_t incarnation = 0;
  net::endpoint listen;     // Where it listens ...
  net::endpoint advertise;  // ... and where others dial it: the proxy.
  std::vector<net::endpoint> peers;
  duration tick{};    // Of the links (D40).
  duration period{};  // Of the trackers (D125), and so on.
  duration down{};
  duration grace{};
  std::size_t shards = 0;
};

/// Errors: `invalid`, naming the field.
[[nodiscard]] result<member_settings> read_member_settings(std::string_view text);

}  // namespace beamline::members
