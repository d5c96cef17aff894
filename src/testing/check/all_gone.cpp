#include "testing/check/all_gone.hpp"

#include "testing/check/evidence.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <caf/actor_cast.hpp>

namespace beamline::testing {

void all_gone::on_start(simulated_node& n) { look(n.world()); }

void all_gone::on_end(simulated_node& n, node_end how) {
  past_node past{.name = n.name(), .incarnation = n.incarnation()};
  auto& table = n.processes();
  for (const auto& p : table.list(n.world().now())) {
    auto what = p.kind + " " + who(n, p.id, p.label.empty() ? p.name : p.label);
    if (how == node_end::stop)
      fail(n.name() + " was stopped in order, but " + what + " is still there"
           + (p.name.empty() ? "" : ", with the name \"" + p.name + "\""));
    if (auto object = table.find(p.id))
      past.processes.push_back({std::move(what), caf::actor_cast<caf::weak_actor_ptr>(object)});
  }
  ended_.push_back(std::move(past));
}

void all_gone::look(world& w) {
  for (const auto& n : ended_) {
    auto run = n.name + ", incarnation " + std::to_string(n.incarnation) + ", has ended, but ";
    if (auto left = w.events_of(n.incarnation); left > 0)
      fail(run + std::to_string(left) + " of its timers and events are still to come");
    for (const auto& p : n.processes)
      if (caf::actor_cast<caf::strong_actor_ptr>(p.object) != nullptr)
        fail(run + "the object of " + p.what + " still exists: somebody holds it");
  }
  ended_.clear();
}

}  // namespace beamline::testing
