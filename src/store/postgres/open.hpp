#pragma once

#include "base/result.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "store/core.hpp"

#include <cstddef>
#include <string>

namespace beamline::store::postgres {

// Older servers are refused: nothing is tested with them.
inline constexpr int server_version_min = 13;

struct open_options {
  std::string url = {};
  std::size_t readers = 0;
  duration connect_timeout = std::chrono::seconds{5};
  duration lock_timeout = std::chrono::seconds{5};
  std::string application_name = "beamline";  // What pg_stat_activity shows; the node's name.
};

/// Connects to a database that several nodes may share, and looks whether it is fit. Blocks, and tries once: a node
/// that finds no server does not start. Every error names the server, without the password, and what to do: invalid
/// (the URL), unavailable (nobody answers), denied (rights, password), unsupported (encoding, version, a standby).
/// `events` and `time` must outlive what is returned.
[[nodiscard]] result<connections> open(const open_options& opts, telemetry& events, const clock& time);

}  // namespace beamline::store::postgres
