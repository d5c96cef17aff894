#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// What can go wrong with a cluster. In brackets: which fields of `fault` count besides `node`.
enum class fault_kind : std::uint8_t {
  crash,              // The node's process dies and is started again after [lasts].
  power_loss,         // The machine stops dead and is started again after [lasts]; what was not synced is lost or torn.
  kill,               // The process called [target] on the node is killed.
  partition,          // Nothing passes between the node and [other], either way, for [lasts].
  partition_one_way,  // Nothing passes from the node to [other] for [lasts].
  reset,              // All connections between the node and [other] break; both ends learn of it, at different times.
  half_open,          // The node's ends of its connections with [other] break; [other] learns of it when it writes.
  stall,              // What is on the way between the node and [other] stands still for [lasts], connections stay.
  slow_link,          // [amount] octets per millisecond pass between the node and [other] for [lasts].
  pause,              // The node does not run for [lasts]: a suspended virtual machine, a stopped process.
  disk_full,          // No file of the node grows for [lasts].
  disk_error,         // The node's writes and syncs fail for [lasts].
  slow_disk,          // Each commit of the node takes [amount] times as long for [lasts].
  clock_step,         // The node's wall clock jumps by [lasts], which may be negative.
  dns_outage,         // The node resolves no name for [lasts].
};

inline constexpr std::size_t fault_kinds = 15;

/// One fault: what, to whom, when. A value; printable and readable as one line (see to_string).
struct fault {
  fault_kind what = fault_kind::crash;
  std::string node{};    // Whom it strikes.
  std::string other{};   // The far end, for faults of the network.
  std::string target{};  // The name or label of a process, for `kill`.
  duration lasts{};
  std::uint64_t amount = 0;

  // When: at a moment of the run, or `delay` after the nth event of that name on `node`. Never inside a handler: after
  // the step that emitted it.
  duration at{};        // Since the beginning of the run; without `event`.
  std::string event{};  // Name of a telemetry event; empty: at a moment.
  std::uint32_t nth = 1;
  duration delay{};

  std::uint32_t id = 0;  // Its place in the plan it came from; stays through shrinking, not printed.

  friend bool operator==(const fault&, const fault&) = default;
};

/// One line that a person reads and edits, and `parse_fault` reads. What does not count for its kind is not printed.
///
///   power_loss a@sim at 120ms for 600ms
///   partition a@sim | b@sim at 1.25s for 300ms
///   partition_one_way a@sim -> b@sim at 1.25s for 300ms
///   kill a@sim outbox 3us after outbox.accepted #3
///   slow_link a@sim | b@sim to 20 octets/ms at 1s for 500ms
///   slow_disk a@sim times 10 at 1s for 500ms
///   clock_step a@sim by -1.5s at 40ms
///
/// Words with blanks are quoted: `kill a@sim "the outbox" at 1s`. Durations are exact; units are ns, us, ms and s.
[[nodiscard]] std::string to_string(const fault& f);
[[nodiscard]] std::string_view to_string(fault_kind k);

/// Which fields of `fault` count for a kind, besides `node` and when it strikes.
struct fault_shape {
  bool has_other = false;   // Another node: a fault of the network.
  bool has_target = false;  // A process.
  bool has_lasts = false;   // For how long; for clock_step how far, with a sign.
  bool has_amount = false;  // Above zero.
};
[[nodiscard]] fault_shape shape_of(fault_kind k) noexcept;

/// What says nothing may be left out: `crash a@sim after node.up` means at once after the first, for no time.
/// Errors: `invalid`; the message names the column, what was found and what was expected.
[[nodiscard]] result<fault> parse_fault(std::string_view line);

}  // namespace beamline::testing
