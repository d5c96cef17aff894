#pragma once

#include "net/events.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace beamline::testing {

/// What each node says about each peer alternates: up, down, up, ... (I1), with down before the next up of the same
/// name, however quickly it comes back (D53), and incarnations that never go back (I2). A down belongs to the up before
/// it.
///
/// Over the event `event_horizon.cluster.connection`. A node that ends knows nothing any more: its next run begins
/// anew.
class status_pairs final : public telemetry_checker {
public:
  status_pairs() : telemetry_checker{"status pairs"} {}

  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;

private:
  struct peer {
    bool is_up = false;
    std::uint64_t incarnation = 0;  // The last that was up.
  };

  void changed(simulated_node& n, const net::link_changed& e);

  std::map<std::string, std::map<std::string, peer, std::less<>>, std::less<>> seen_;  // By observer, by peer.
};

}  // namespace beamline::testing
