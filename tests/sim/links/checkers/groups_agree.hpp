#pragma once

#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <string>

namespace beamline::linked {

/// What monitors of groups are told leads to what is there (I15); of a node that is down no member is read (I16). That
/// all nodes agree when all is quiet (I14) is part of having settled.
class groups_agree final : public testing::telemetry_checker {
public:
  groups_agree() : telemetry_checker{"groups as told"} {}

  void on_start(testing::simulated_node& n) override {
    listen<group_followed>(n, [this, &n](const group_followed& e) {
      if (!e.wrong.empty())
        fail(who(n, e.process) + " at " + moment(n.world()) + ", group " + std::string{e.group} + ": "
             + std::string{e.wrong} + " (I15)");
    });
    listen<ghosts_read>(n, [this, &n](const ghosts_read& e) {
      if (e.members > 0)
        fail(who(n, e.process) + " at " + moment(n.world()) + " was told that " + std::string{e.node}
             + " is down, and reads " + std::to_string(e.members) + " members of it (I16)");
    });
  }
};

}  // namespace beamline::linked
