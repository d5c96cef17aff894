#pragma once

#include "sim/presence/checkers/troubles.hpp"
#include "sim/presence/events.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace beamline::gathering {

/// Each post is heard as often as its listener is subscribed, by nobody less if nothing was in its way (I17); not by
/// its own speaker if it was for the others (I19), not after the subscription ended (I20), not in another system (I21).
class posts_as_subscribed final : public testing::telemetry_checker {
public:
  /// What was not heard after `delivery`, without a trouble since `warm_up` before, is lost. `t` outlives it.
  posts_as_subscribed(const troubles& t, duration warm_up, duration delivery)
      : telemetry_checker{"posts as subscribed"}, troubles_{t}, warm_up_{warm_up}, delivery_{delivery} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;
  void at_end(testing::world& w) override;

private:
  using process_id = std::pair<std::uint64_t, std::uint64_t>;  // Run of its node, process.
  using post_id = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;
  struct said {
    std::string node, system, topic, to;
    std::set<std::string> reachable;
    time_point at{};
    std::uint64_t moment = 0;
    bool is_refused = false;
  };
  struct change {
    std::uint64_t moment = 0, now = 0, ever = 0;
  };
  struct listening {
    std::string node, system;
    std::map<std::string, std::vector<change>> topics;
    std::map<post_id, std::uint64_t> heard;
  };

  void hear(testing::simulated_node& n, const post_heard& e);
  [[nodiscard]] static change at(const std::vector<change>& all, std::uint64_t moment);
  [[nodiscard]] bool is_undisturbed(const said& p, const listening& l) const;

  const troubles& troubles_;
  const duration warm_up_;
  const duration delivery_;
  std::uint64_t moment_ = 0;  // Grows with every event.
  std::map<post_id, said> posts_;
  std::map<process_id, listening> listeners_;
};

}  // namespace beamline::gathering
