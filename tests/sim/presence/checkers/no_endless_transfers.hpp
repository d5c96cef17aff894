#pragma once

#include "pubsub/presence/events.hpp"
#include "testing/check/telemetry_checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <string>

namespace beamline::gathering {

/// When all is quiet nobody asks for entries (I44): the scenario has settled only when nobody did for a while. What was
/// asked within a run is bounded, too, whatever happens; and replicas with equal clocks hold the same (D163).
class no_endless_transfers final : public testing::telemetry_checker {
public:
  /// `most`: so many requests, all nodes together.
  explicit no_endless_transfers(std::uint64_t most) : telemetry_checker{"no endless transfers"}, most_{most} {}

  void on_start(testing::simulated_node& n) override {
    listen<presence::entries_transferred>(n, [this, &n](const presence::entries_transferred& e) {
      if (e.direction != "asked")
        return;
      last_ = n.world().now();
      if (++asked_ > most_)
        fail(std::to_string(asked_) + " transfers were asked for, the last one by " + n.name() + " (I44)");
    });
    listen<presence::replica_diverged>(n, [this, &n](const presence::replica_diverged& e) {
      fail(n.name() + " holds of " + std::string{e.replica} + " what that one does not have, at equal clocks, in "
           + std::string{e.tracker} + " (I27)");
    });
  }

  [[nodiscard]] time_point last() const noexcept { return last_; }

private:
  const std::uint64_t most_;
  std::uint64_t asked_ = 0;
  time_point last_{};
};

}  // namespace beamline::gathering
