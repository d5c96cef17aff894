#pragma once

#include "testing/check/checker.hpp"
#include "testing/cluster.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::toy {

/// What the nodes last said of themselves: enough to see whether the cluster has come to rest. It breaks no invariant;
/// it is a checker so that the cluster keeps it and shows it every node.
class model final : public testing::checker {
public:
  model() : checker{"model"} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  // Nothing has changed for so long: what clients asked for last has been begun.
  static constexpr duration quiet = 100ms;

  /// All of these nodes are up, linked with each other, agree on who is where, and nothing of that has changed for a
  /// while. If not, `why` says what is missing.
  [[nodiscard]] bool is_at_rest(const std::vector<std::string>& nodes, time_point now, std::string& why) const;

private:
  struct roll {
    std::uint64_t incarnation = 0;
    std::uint64_t version = 0;
    std::string members;
    friend bool operator==(const roll&, const roll&) = default;
  };
  struct node_state {
    bool has_monitor = false;
    std::set<std::string> up;
    std::map<std::string, roll> rolls;
    std::vector<telemetry::handle> handles;
  };

  std::map<std::string, node_state> nodes_;  // Those that run, by name.
  time_point changed_{};
};

}  // namespace beamline::toy
