#pragma once

#include "net/outbox/options.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

/// I41, and the life of a drain: an outbox stays within its bounds of entries and octets, sends no faster than its
/// bucket fills, and is idle when nothing is left to do. Keeps what each node last said, for `is_at_rest` (I40).
class within_bounds final : public testing::telemetry_checker {
public:
  explicit within_bounds(net::outbox::outbox_options o) : telemetry_checker{"within bounds"}, options_{std::move(o)} {}
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
    // What drains have taken out of the bucket and it has not got back, in events.
    double taken = 0;
    time_point taken_at{};
  };

  void note_batch(const std::string& name, host& h, std::uint64_t events, time_point begun);

  net::outbox::outbox_options options_;
  std::map<std::string, host> hosts_;
};

}  // namespace beamline::sim_outbox
