#pragma once

#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace beamline::linked {

/// To each process every node comes up and goes down in turn (I1), never as an earlier run than before (I2), and what
/// is said there is heard here only between the two, from the run that is up (I3, D51, D52).
class between_up_and_down final : public testing::telemetry_checker {
public:
  between_up_and_down() : telemetry_checker{"heard between up and down"} {}

  void on_start(testing::simulated_node& n) override {
    listen<looked_out>(n, [this, &n](const looked_out& e) { seen_.erase({n.incarnation(), e.process}); });
    listen<status_seen>(n, [this, &n](const status_seen& e) { status(n, e); });
    listen<heard>(n, [this, &n](const heard& e) {
      auto& p = seen_[{n.incarnation(), e.process}][std::string{e.by}];
      if (!p.is_up || p.incarnation != e.run)
        fail(who(n, e.process) + " at " + moment(n.world()) + " heard number " + std::to_string(e.number) + " of run "
             + std::to_string(e.run) + " of " + std::string{e.by} + ", which it has not been told is up (I3)");
    });
  }

private:
  struct peer {
    bool is_up = false;
    std::uint64_t incarnation = 0;
  };

  void status(testing::simulated_node& n, const status_seen& e) {
    auto& p = seen_[{n.incarnation(), e.process}][std::string{e.node}];
    auto said = who(n, e.process) + " at " + moment(n.world()) + " is told that run " + std::to_string(e.incarnation)
              + " of " + std::string{e.node} + (e.is_up ? " is up" : " is down");
    if (e.is_up == p.is_up)
      fail(said + " twice (I1)");
    else if (!e.is_up && e.incarnation != p.incarnation)
      fail(said + ", but run " + std::to_string(p.incarnation) + " was up (I1)");
    else if (e.incarnation < p.incarnation)
      fail(said + " after run " + std::to_string(p.incarnation) + " (I2)");
    p = {e.is_up, e.incarnation};
  }

  using process_key = std::pair<std::uint64_t, std::uint64_t>;  // Incarnation of its node, id.
  std::map<process_key, std::map<std::string, peer>> seen_;
};

}  // namespace beamline::linked
