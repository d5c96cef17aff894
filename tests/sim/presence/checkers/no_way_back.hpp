#pragma once

#include "pubsub/presence/events.hpp"
#include "sim/presence/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace beamline::gathering {

/// Once a shard has shown a run of another node's shard, nobody of an earlier run of it joins any more (I29).
class no_way_back final : public testing::telemetry_checker {
public:
  no_way_back() : telemetry_checker{"no earlier incarnation"} {}

  void on_start(testing::simulated_node& n) override {
    auto run = n.incarnation();
    listen<presence::replica_changed>(n, [this, run](const presence::replica_changed& e) {
      auto& newest = newest_[{run, std::string{e.tracker}, e.shard, std::string{e.replica}}];
      if (e.to == "up")
        newest = std::max(newest, e.version);
    });
    listen<entry_shown>(n, [this, &n, run](const entry_shown& e) {
      auto newest = newest_[{run, std::string{e.tracker}, e.shard, std::string{e.owner}}];
      if (e.is_join && e.version < newest)
        fail(n.name() + " at " + moment(n.world()) + ", " + std::string{e.tracker} + ": <" + std::string{e.owner} + "."
             + std::to_string(e.guest) + "> joins " + std::string{e.topic} + " in run " + std::to_string(e.version)
             + " of its shard, and run " + std::to_string(newest) + " was shown already (I29)");
    });
  }

private:
  // Run of the node, tracker, shard, and whose.
  std::map<std::tuple<std::uint64_t, std::string, std::uint64_t, std::string>, std::uint64_t> newest_;
};

}  // namespace beamline::gathering
