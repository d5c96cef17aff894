#pragma once

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace beamline::toy {

/// Once presence has learned of a run of another node, it never again believes an earlier one to be present. Not once
/// the monitor has: what waits in presence's mailbox by then was true when it came.
class no_way_back final : public testing::checker {
public:
  no_way_back() : checker{"no earlier incarnation"} {}

  void on_start(testing::simulated_node& n) override {
    auto& newest = newest_[n.incarnation()];
    handles_.push_back(n.events().attach<presence_linked>([&newest](const presence_linked& e) {
      auto& run = newest[std::string{e.peer}];
      run = std::max(run, e.incarnation);
    }));
    handles_.push_back(n.events().attach<present>([this, &newest, who = n.name()](const present& e) {
      auto run = newest[std::string{e.node}];
      if (e.incarnation != 0 && e.incarnation < run)
        fail(who + " shows run " + std::to_string(e.incarnation) + " of " + std::string{e.node}
             + " although it was linked with run " + std::to_string(run));
    }));
  }

private:
  std::map<std::uint64_t, std::map<std::string, std::uint64_t>> newest_;  // By run of who sees it, then by name.
  std::vector<telemetry::handle> handles_;
};

}  // namespace beamline::toy
