#pragma once

#include "pubsub/events.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::pubsub::test {

/// What a node tells of full mailboxes of subscribers.
struct overflows {
  explicit overflows(testing::simulated_node& n)
      : handle{n.events().attach<subscriber_overflow>([this](const subscriber_overflow& e) {
          policies.emplace_back(e.policy);
          processes.push_back(e.process);
        })} {}

  std::vector<std::string> policies;
  std::vector<std::uint64_t> processes;
  telemetry::handle handle;
};

}  // namespace beamline::pubsub::test
