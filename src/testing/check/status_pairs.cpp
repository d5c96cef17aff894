#include "testing/check/status_pairs.hpp"

#include "testing/check/evidence.hpp"
#include "testing/world.hpp"

namespace beamline::testing {

void status_pairs::on_start(simulated_node& n) {
  listen<net::link_changed>(n, [this, &n](const net::link_changed& e) { changed(n, e); });
}

void status_pairs::on_end(simulated_node& n, node_end how) {
  telemetry_checker::on_end(n, how);
  seen_.erase(n.name());
}

void status_pairs::changed(simulated_node& n, const net::link_changed& e) {
  const bool is_up = e.status == "up";
  auto& p = seen_[n.name()][std::string{e.node}];
  auto said = n.name() + " at " + moment(n.world()) + ": " + std::string{e.node} + " incarnation "
            + std::to_string(e.incarnation) + (is_up ? " is up" : " is down");
  auto before = std::to_string(p.incarnation);
  if (is_up && p.is_up)
    fail(said + ", but incarnation " + before + " is still up: its down is missing (I1)");
  else if (is_up && e.incarnation < p.incarnation)
    fail(said + ", but incarnation " + before + " was up before: a stale one was taken in (I2)");
  else if (!is_up && !p.is_up)
    fail(said + ", but it was not up (I1)");
  else if (!is_up && e.incarnation != p.incarnation)
    fail(said + ", but incarnation " + before + " was (I1)");
  p.is_up = is_up;
  if (is_up)
    p.incarnation = e.incarnation;
}

}  // namespace beamline::testing
