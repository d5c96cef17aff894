#pragma once

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace beamline::toy {

/// Posts of one publisher arrive at most once and in order, at every run of every node.
class post_order final : public testing::checker {
public:
  post_order() : checker{"post order"} {}

  void on_start(testing::simulated_node& n) override {
    handles_.push_back(
        n.events().attach<received_post>([this, who = n.name(), run = n.incarnation()](const received_post& e) {
          auto& last = last_[{run, e.generation}];
          if (e.number <= last)
            fail(who + " got post " + std::to_string(e.number) + " of " + std::string{e.publisher} + " after "
                 + std::to_string(last));
          last = e.number;
        }));
  }

private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> last_;  // Run of the reader, life of the publisher.
  std::vector<telemetry::handle> handles_;
};

}  // namespace beamline::toy
