#pragma once

#include "testing/check/telemetry_checker.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

/// I39: what one host promised of one key was applied in the order in which it was promised.
class in_order final : public testing::telemetry_checker {
public:
  explicit in_order(std::function<std::vector<std::string>(testing::world&)> book)
      : telemetry_checker{"in order"}, book_{std::move(book)} {}
  void on_start(testing::simulated_node& n) override;
  void at_end(testing::world& w) override;

private:
  std::function<std::vector<std::string>(testing::world&)> book_;
  std::map<std::string, std::vector<std::string>> promised_;  // By host and key.
};

/// I41 and the life of a drain: an outbox stays within its bounds, and is idle when nothing is left to do. Keeps what
/// each node last said, for `is_at_rest`.
class bounds_and_rest final : public testing::telemetry_checker {
public:
  explicit bounds_and_rest(std::uint64_t entries_max) : telemetry_checker{"within bounds"}, entries_max_{entries_max} {}
  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  /// On all of these hosts nothing waits, nobody waits, and no drain is under way.
  [[nodiscard]] bool is_at_rest(const std::vector<std::string>& hosts, std::string& why) const;

private:
  struct host {
    bool is_loaded = false;
    std::uint64_t size = 0;
    bool is_syncing = false;
    std::uint64_t outcomes = 0;
  };

  std::uint64_t entries_max_;
  std::map<std::string, host> hosts_;
};

}  // namespace beamline::sim_outbox
