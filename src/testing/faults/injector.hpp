#pragma once

#include "base/telemetry.hpp"
#include "testing/cluster.hpp"
#include "testing/faults/fault.hpp"
#include "testing/observer.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// Injects the faults of a plan into a cluster when their time comes: at a moment, or after the nth event of that name
/// on a node, counted since the first start of its machine. Always from an event of the world, never inside a handler.
///
/// Made before the first node starts; borrows the cluster. Only events that a fault is tied to, or that are to be
/// counted, are looked at, unless it records.
class injector final : public observer {
public:
  struct options {
    std::vector<std::string> counted{};  // Further events to be counted.
    bool is_recorded = false;            // Fills `anchored`.
  };

  // A counted event so long before a fault says more to people than any other right before it.
  static constexpr duration near = 2ms;

  injector(cluster& c, std::vector<fault> faults, options o);
  ~injector() override;

  /// From here on no fault strikes any more. What has struck goes on.
  void disarm();

  /// How often each counted event, and each kind of fault that struck, occurred on all nodes together.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& seen() const noexcept { return seen_; }
  /// By id: the faults that struck, tied to the last event on their node before them; rather to one that is counted, if
  /// it was there a moment ago (`near`). Faults without one are missing.
  [[nodiscard]] const std::map<std::uint32_t, fault>& anchored() const noexcept { return anchored_; }

  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;
  [[nodiscard]] bool wants_events() const override { return options_.is_recorded; }
  void on_event(simulated_node& n, const event_view& e) override;

private:
  struct last_event {
    std::string name;
    std::uint32_t nth = 0;
    time_point at{};
  };
  struct machine_view {
    std::map<std::string, std::uint32_t, std::less<>> counts;  // By event.
    last_event last, last_counted;                             // For `anchored`.
    std::vector<telemetry::handle> handles;                    // Of the node that runs now.
  };

  void arm(std::size_t index, time_point when);
  void strike(std::size_t index);
  void tie(const fault& f, const machine_view& m);
  void count(const std::string& node, std::string_view event);

  cluster& cluster_;
  std::vector<fault> faults_;
  options options_;
  std::set<std::string, std::less<>> counted_;
  std::set<std::string, std::less<>> watched_;  // Counted, or a fault is tied to them.
  // Which faults wait for which event of a node, by (node, event); places in `faults_`.
  std::map<std::string, std::map<std::string, std::vector<std::size_t>, std::less<>>, std::less<>> waiting_;
  std::map<std::string, machine_view, std::less<>> machines_;
  std::map<std::size_t, timer_id> armed_;
  std::map<std::string, std::uint64_t> seen_;
  std::map<std::uint32_t, fault> anchored_;
  bool is_disarmed_ = false;
};

}  // namespace beamline::testing
