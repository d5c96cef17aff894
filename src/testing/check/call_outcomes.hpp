#pragma once

#include "actors/events.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::testing {

/// Every call gets exactly one outcome (I10, I12), unless its caller ends first: not a second one, not one for a call
/// that nobody made, and not later than its deadline.
///
/// "Not later" is exact: a caller may have much to do when its time is up, or be starved by the schedule. But the
/// signal of the time-out is in its mailbox by then, so the outcome must be there after as many steps of the caller as
/// messages were waiting when it first ran beyond the deadline.
class call_outcomes final : public telemetry_checker {
public:
  call_outcomes() : telemetry_checker{"call outcomes"} {}

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;
  void on_step(const process& caller, const caf::mailbox_element* m) override;
  void at_end(world& w) override;

  /// Calls that wait for their outcome now.
  [[nodiscard]] std::size_t open() const;

private:
  struct address {
    std::uint64_t incarnation = 0;  // Of the node.
    std::uint64_t process = 0;
    friend auto operator<=>(const address&, const address&) = default;
  };
  struct call {
    std::uint64_t ref = 0;
    std::string to;
    std::string message;
    time_point deadline{};
    std::optional<std::int64_t> steps_left{};  // Of the caller, once the time is up.
  };

  void started(simulated_node& n, const call_started& e);
  void done(simulated_node& n, const call_done& e);
  [[nodiscard]] std::string words(const std::string& caller, const call& c) const;

  std::map<address, std::vector<call>> calls_;  // By caller, in the order they were made.
};

}  // namespace beamline::testing
