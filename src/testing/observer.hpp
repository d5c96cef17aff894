#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace caf {
class mailbox_element;
}

namespace beamline {
class process;
}

namespace beamline::testing {

class machine;
class simulated_node;

/// How a node ends.
enum class node_end : std::uint8_t {
  crash,       // Its operating system process dies: the kernel says goodbye on its connections, keeps what it wrote.
  power_loss,  // Nobody says goodbye, and what was not synced is lost or torn.
  stop,        // In order.
};

/// Somebody who watches a world: checkers, the timeline, the injector of faults. Called in the world's thread, at the
/// moment it happens; must not run the world from there. Registered with `world::add_observer`.
///
/// Every `wants_…` is asked once, at registration: what nobody wants costs nothing.
class observer {
public:
  virtual ~observer() = default;

  /// A node runs: nothing was spawned on it yet. The place to attach telemetry handlers (the handles must go with it).
  virtual void on_start(simulated_node&) {}
  /// It is about to end; its processes can still be looked at.
  virtual void on_end(simulated_node&, node_end) {}

  [[nodiscard]] virtual bool wants_mail() const { return false; }
  /// A handler of `from` (null: a timer, a port, the test) sends to `to`. An element keeps its address until handled.
  virtual void on_send(const process* /*from*/, const process& /*to*/, const caf::mailbox_element&) {}
  /// `who` handles `m` now; null: it starts.
  virtual void on_step(const process& /*who*/, const caf::mailbox_element* /*m*/) {}

  [[nodiscard]] virtual bool wants_events() const { return false; }
  /// Any telemetry event of any node.
  virtual void on_event(simulated_node&, const event_view&) {}

  [[nodiscard]] virtual bool wants_notes() const { return false; }
  /// What the simulated world itself does, in words: "cut from b@sim", "disk full". `where` may be null: everywhere.
  virtual void on_note(const machine* /*where*/, std::string_view /*text*/) {}
};

}  // namespace beamline::testing
