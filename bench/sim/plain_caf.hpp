#pragma once

// What the same work costs in CAF alone, on the scheduler that CAF has for tests: one thread, every message in the
// order it was sent, no time, no faults, no hash of what happened.

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace beamline::bench {

struct plain_system {
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  /// Until nothing is ready; returns how many messages that were.
  std::size_t run() { return static_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run(); }

  config settings;
  caf::actor_system system{settings};
};

}  // namespace beamline::bench
