#include "testing/check/effects.hpp"

#include "testing/check/evidence.hpp"

namespace beamline::testing {

void effect_ledger::note_accepted(simulated_node& n, std::string id) {
  accepted_.try_emplace(std::move(id), mark{n.name(), moment(n.world())});
}

void effect_ledger::note_applied(simulated_node& n, std::string id) {
  auto [first, is_new] = applied_.try_emplace(id, mark{n.name(), moment(n.world())});
  if (!is_new)
    fail("\"" + id + "\" was applied twice: on " + first->second.node + " at " + first->second.at + " and on "
         + n.name() + " at " + moment(n.world()) + " (I38)");
}

void effect_ledger::at_end(world& w) {
  effect_counts stands;
  if (final_state_)
    stands = final_state_(w);
  else
    for (const auto& [id, when] : applied_)
      stands[id] = 1;
  for (const auto& [id, times] : stands)
    if (times > 1)
      fail("\"" + id + "\" has had its effect " + std::to_string(times) + " times at the end (I38)");
  for (const auto& [id, when] : accepted_) {
    if (auto i = stands.find(id); i != stands.end() && i->second > 0)
      continue;
    auto applied = applied_.find(id);
    fail("\"" + id + "\", accepted by " + when.node + " at " + when.at + ", is lost at the end"
         + (applied == applied_.end()
                ? std::string{": it was never applied"}
                : ", although " + applied->second.node + " told it applied at " + applied->second.at)
         + " (I37)");
  }
}

}  // namespace beamline::testing
