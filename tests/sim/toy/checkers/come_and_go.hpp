#pragma once

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"

#include <map>
#include <string>
#include <vector>

namespace beamline::toy {

/// Each monitor sees each node come up and go down in turn, beginning with up.
class come_and_go final : public testing::checker {
public:
  come_and_go() : checker{"come and go in turn"} {}

  void on_start(testing::simulated_node& n) override {
    auto& up = up_[n.name()];
    up.clear();
    handles_.push_back(n.events().attach<monitor_started>([&up](const monitor_started&) { up.clear(); }));
    handles_.push_back(n.events().attach<came_up>([this, &up, who = n.name()](const came_up& e) {
      auto& is_up = up[std::string{e.peer}];
      if (is_up)
        fail(who + " saw " + std::string{e.peer} + " come up, which was up already");
      is_up = true;
    }));
    handles_.push_back(n.events().attach<went_down>([this, &up, who = n.name()](const went_down& e) {
      auto& is_up = up[std::string{e.peer}];
      if (!is_up)
        fail(who + " saw " + std::string{e.peer} + " go down, which was not up");
      is_up = false;
    }));
  }

private:
  std::map<std::string, std::map<std::string, bool>> up_;  // Who sees whom.
  std::vector<telemetry::handle> handles_;
};

}  // namespace beamline::toy
