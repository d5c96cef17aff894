#pragma once

#include "actors/birth.hpp"
#include "base/time.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <typeinfo>
#include <vector>

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
  std::atomic<const std::type_info*> last{nullptr};     // Type of the message it handled last.
  std::atomic<std::int64_t> since_ns{0};                // When that handler started, as time_point since zero.
  std::atomic<std::uint32_t> pending{0};                // Timers, calls and watches of its own.
  std::atomic<std::uint32_t> calls{0};                  // Calls of its own that wait for their reply.
  std::atomic<bool> traps_exits{false};
  std::atomic<std::uint32_t> stop_signals{0};  // Exit signals in its mailbox that ask it to end.
  std::atomic<bool> is_fenced{false};          // A zombie: what it sends reaches nobody.

  // Who reaches into it from other turns just now; it waits with its end until all have left, see process::end.
  std::atomic<std::uint32_t> visitors{0};

  // Fixed when it is published.
  const std::type_info* kind = nullptr;  // The class of the process.
  std::uint64_t parent = 0;              // Id of the process that spawned it; 0: the node.
  std::uint64_t born = 0;                // Grows from process to process.
  std::uint64_t position = 0;
  std::uint32_t incarnation = 1;
  std::uint32_t object_bytes = 0;
  time_point started_at{};
  std::string label;
};

/// What a process is doing.
enum class process_state : std::uint8_t {
  starting,  // Under construction.
  idle,      // Nothing to do.
  waiting,   // Nothing to do but to wait for the replies to its calls.
  runnable,  // Messages wait, but it is not its turn.
  running,   // In a handler.
  zombie,    // Killed, and still in its handler.
};
[[nodiscard]] std::string_view to_string(process_state s) noexcept;

/// A copy of the stats of one process for lists and reports.
struct process_info {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  std::string name;   // Registered name, or empty.
  std::string label;  // What its supervisor calls it, or empty.
  std::string kind;   // Class name, readable.
  process_state state = process_state::starting;
  std::uint32_t incarnation = 1;
  std::uint64_t born = 0;
  std::uint64_t position = 0;
  duration age{};
  std::int64_t depth = 0;
  std::uint64_t received = 0;
  std::uint64_t shed = 0;
  std::uint64_t handled = 0;
  duration busy{};
  std::string current;     // Message type in its handler now; empty when idle.
  duration current_age{};  // How long that handler has been running.
  std::string last;        // Message type it handled last.
  std::uint32_t pending = 0;
  std::uint32_t calls = 0;
  std::size_t links = 0;
  std::size_t watchers = 0;  // Who watches it, calls under way included.
  bool traps_exits = false;
  bool is_asked_to_stop = false;
  duration zombie_for{};
  // Object, mailbox and pending entries; what members and messages own is not seen.
  std::size_t memory_bytes = 0;
};

/// Everything `info` of one process tells beside the figures of the lists.
struct process_relations {
  std::vector<std::uint64_t> ancestors;  // Its parent first.
  std::vector<std::uint64_t> links;
  std::vector<std::uint64_t> watched_by;
  std::vector<std::uint64_t> watches;
};

/// `beamline::like_view` instead of `N8beamline9like_viewE`.
[[nodiscard]] std::string readable_name(const std::type_info& type);
/// The same for what a process handles; `init` while it starts.
[[nodiscard]] std::string handler_name(const std::type_info* type);

}  // namespace beamline
