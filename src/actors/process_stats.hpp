#pragma once

#include "base/time.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <typeinfo>

namespace beamline {

/// What a process shows of itself without being asked, so that a stuck one shows too. Written by the
/// process and its senders, read by anybody, at any time; single figures are exact, together they are
/// a snapshot of a moving thing.
struct process_stats {
  std::atomic<std::int64_t> depth{0};      // Messages in the mailbox.
  std::atomic<std::uint64_t> received{0};  // Messages ever accepted.
  std::atomic<std::uint64_t> shed{0};      // Messages refused because the mailbox was full.
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::int64_t> busy_ns{0};                 // Time spent in handlers.
  std::atomic<const std::type_info*> current{nullptr};  // Type of the message in its handler; null when idle.
  std::atomic<std::int64_t> since_ns{0};                // When that handler started, as time_point since zero.
  const std::type_info* kind = nullptr;                 // The class of the process.
  std::uint64_t parent = 0;                             // Id of the process that spawned it; 0: the node.
};

/// A copy of the stats of one process for lists and reports.
struct process_info {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  std::string name;  // Registered name, or empty.
  std::string kind;  // Class name, readable.
  std::int64_t depth = 0;
  std::uint64_t received = 0;
  std::uint64_t shed = 0;
  std::uint64_t handled = 0;
  duration busy{};
  std::string current;     // Message type in its handler now; empty when idle.
  duration current_age{};  // How long that handler has been running.
};

/// `beamline::like_view` instead of `N8beamline9like_viewE`.
[[nodiscard]] std::string readable_name(const std::type_info& type);

}  // namespace beamline
