#pragma once

#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <string>

namespace beamline::linked {

/// What is sent to a process reaches that one or nobody, and what is sent to a run of a node no other run (I9).
class one_that_was_meant final : public testing::telemetry_checker {
public:
  one_that_was_meant() : telemetry_checker{"who was meant"} {}

  void on_start(testing::simulated_node& n) override {
    listen<heard>(n, [this, &n](const heard& e) {
      if ((e.meant != 0 && e.meant != e.process) || (e.meant_run != 0 && e.meant_run != n.incarnation()))
        fail(who(n, e.process) + " at " + moment(n.world()) + " heard number " + std::to_string(e.number) + " of "
             + std::string{e.by} + ", which was for process " + std::to_string(e.meant) + " of run "
             + std::to_string(e.meant_run) + ", and this is run " + std::to_string(n.incarnation()) + " (I9)");
    });
  }
};

}  // namespace beamline::linked
