#include "sim/toy/model.hpp"

namespace beamline::toy {

void model::on_start(testing::simulated_node& n) {
  auto& s = nodes_[n.name()];
  auto listen = [&]<class E>(void (*note)(node_state&, const E&)) {
    s.handles.push_back(n.events().attach<E>([this, &n, &s, note](const E& e) {
      note(s, e);
      changed_ = n.world().now();
    }));
  };
  listen(+[](node_state& to, const monitor_started&) {
    to.has_monitor = true;
    to.up.clear();
  });
  listen(+[](node_state& to, const came_up& e) { to.up.emplace(e.peer); });
  listen(+[](node_state& to, const went_down& e) { to.up.erase(std::string{e.peer}); });
  listen(+[](node_state& to, const presence_started&) { to.rolls.clear(); });
  listen(+[](node_state& to, const present& e) {
    to.rolls[std::string{e.node}] = {e.incarnation, e.version, std::string{e.members}};
  });
}

void model::on_end(testing::simulated_node& n, testing::node_end) { nodes_.erase(n.name()); }

bool model::is_at_rest(const std::vector<std::string>& nodes, time_point now, std::string& why) const {
  if (now - changed_ < quiet) {
    why = "there is no rest";
    return false;
  }
  for (const auto& name : nodes) {
    auto n = nodes_.find(name);
    if (n == nodes_.end() || !n->second.has_monitor) {
      why = name + " has not started";
      return false;
    }
    if (n->second.up.size() + 1 < nodes.size()) {
      why = name + " is linked with " + std::to_string(n->second.up.size()) + " nodes only";
      return false;
    }
  }
  for (const auto& [name, n] : nodes_)
    for (const auto& [about, truth] : nodes_) {
      auto own = truth.rolls.find(about);
      auto seen = n.rolls.find(about);
      if (own == truth.rolls.end() || seen == n.rolls.end() || !(own->second == seen->second)) {
        why = name + " shows \"" + (seen == n.rolls.end() ? "nothing" : seen->second.members) + "\" on " + about
            + ", where \"" + (own == truth.rolls.end() ? "nothing" : own->second.members) + "\" is true";
        return false;
      }
    }
  return true;
}

}  // namespace beamline::toy
