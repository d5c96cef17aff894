#include "testing/check/bounds.hpp"

#include "testing/check/evidence.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

namespace beamline::testing {

void bounds::on_start(simulated_node& n) { world_ = &n.world(); }

void bounds::on_step(const process&, const caf::mailbox_element*) {
  if (++steps_ % limits_.every == 0 && world_ != nullptr)
    look(*world_);
}

void bounds::look(world& w) {
  for (const auto& m : w.machines())
    if (auto* n = m->running())
      look(*n);
}

void bounds::look(simulated_node& n) {
  auto& w = n.world();
  require(n, "processes", n.processes().count(), limits_.processes_max);
  require(n, "timers and events that are still to come", w.events_of(n.incarnation()), limits_.events_max);
  require(n, "octets that were written and not synced", n.disk().octets_unsynced(), limits_.octets_unsynced_max);
  for (const auto& p : n.processes().list(w.now())) {
    auto of = [&](std::string_view what) {
      return std::string{what} + " of " + p.kind + " " + who(n, p.id, p.label.empty() ? p.name : p.label);
    };
    if (static_cast<std::uint64_t>(p.depth) > limits_.mailbox_max)
      require(n, of("messages in the mailbox"), static_cast<std::uint64_t>(p.depth), limits_.mailbox_max);
    if (p.pending > limits_.pending_max)
      require(n, of("timers, calls and watches"), p.pending, limits_.pending_max);
    if (p.watchers > limits_.watchers_max)
      require(n, of("watchers"), p.watchers, limits_.watchers_max);
  }
  for (const auto& p : probes_)
    require(n, p.what, p.read(n), p.max);
}

void bounds::require(simulated_node& n, const std::string& what, std::uint64_t value, std::uint64_t max) {
  if (value > max)
    fail(n.name() + " at " + moment(n.world()) + ": " + std::to_string(value) + " " + what + ", at most "
         + std::to_string(max) + " are expected (I41)");
}

}  // namespace beamline::testing
