#include "sim/outbox/checkers/within_bounds.hpp"

#include "net/outbox/events.hpp"
#include "net/outbox/messages.hpp"
#include "sim/outbox/events.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <algorithm>

namespace beamline::sim_outbox {

namespace ob = net::outbox;

void within_bounds::on_start(testing::simulated_node& n) {
  auto& h = hosts_[n.name()];
  h = {};
  listen<ob::buffer_changed>(n, [this, &h, name = n.name()](const ob::buffer_changed& e) {
    if (e.action == "loaded")
      h.taken = 0;  // A new outbox has a full bucket.
    h.is_loaded = true;
    h.size = e.size;
    h.is_syncing = e.status == "syncing";
    if (e.size > options_.entries_max || e.octets > options_.bytes_max.bytes)
      fail(name + " holds " + std::to_string(e.size) + " entries of " + std::to_string(e.octets) + " octets (I41)");
  });
  listen<ob::batch_done>(n, [this, &n, &h, name = n.name()](const ob::batch_done& e) {
    if (e.way == "drain")
      note_batch(name, h, e.events, n.world().now() - e.took);
  });
  listen<waiting>(n, [&h](const waiting& e) { h.outcomes = e.outcomes; });
}

void within_bounds::on_end(testing::simulated_node& n, testing::node_end how) {
  telemetry_checker::on_end(n, how);
  hosts_.erase(n.name());
}

/// Events that were answered: no more than were sent.
void within_bounds::note_batch(const std::string& name, host& h, std::uint64_t events, time_point begun) {
  auto gone = std::chrono::duration<double>(begun - h.taken_at).count();
  h.taken = std::max(0.0, h.taken - gone * static_cast<double>(options_.events_per_s)) + static_cast<double>(events);
  h.taken_at = begun;
  constexpr double rounding = 1;
  if (h.taken > static_cast<double>(ob::batch_events_max) + rounding)
    fail(name + " has sent more than its rate allows: " + std::to_string(h.taken) + " events out of a bucket of "
         + std::to_string(ob::batch_events_max) + " (I41)");
}

bool within_bounds::is_at_rest(const std::vector<std::string>& hosts, std::string& why) const {
  for (const auto& name : hosts) {
    auto i = hosts_.find(name);
    if (i == hosts_.end() || !i->second.is_loaded)
      why = name + " has no outbox yet";
    else if (i->second.size > 0)
      why = std::to_string(i->second.size) + " entries wait on " + name + " (I40)";
    else if (i->second.is_syncing)
      why = "the outbox of " + name + " has nothing to send and is syncing";
    else if (i->second.outcomes > 0)
      why = std::to_string(i->second.outcomes) + " outcomes are waited for on " + name;
    else
      continue;
    return false;
  }
  return true;
}

}  // namespace beamline::sim_outbox
