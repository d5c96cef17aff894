#pragma once

#include "net/events.hpp"
#include "sim/links/setup.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <string>

namespace beamline::linked {

/// A node with a wrong key is never up anywhere, nor is anybody there (I5).
class proven_only final : public testing::telemetry_checker {
public:
  proven_only() : telemetry_checker{"only who has proven itself"} {}

  void on_start(testing::simulated_node& n) override {
    listen<net::link_changed>(n, [this, &n](const net::link_changed& e) {
      if (e.status == "up" && !may_be_linked(n.world().seed(), n.name(), e.node))
        fail(n.name() + " at " + moment(n.world()) + " is linked with " + std::string{e.node}
             + ", and they have different cookies (I5)");
    });
  }
};

}  // namespace beamline::linked
