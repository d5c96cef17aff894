#pragma once

#include "actors/events.hpp"
#include "supervision/events.hpp"
#include "testing/check/supervised.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace beamline::testing {

/// Supervisors keep OTP's rules (docs/supervision.md), as seen from outside: over `process.started`, `process.ended`
/// and `supervision.report`. What holds at every moment:
///   - no two living processes under one child id, zombies excepted (M4, M9);
///   - nothing is started by a supervisor that gave up or has had more restarts than its budget within the period
///   (S55-S59),
///     and none gives up before that;
///   - a child is started anew only when it, or one whose fate it shares by the strategy, has ended by itself
///   (S45-S54);
///   - with one_for_all and rest_for_one, all who share the fate are gone before the first is started, and those that
///     it stops it stops in reverse order (S46-S48).
/// And at the end, for what is due since longer than `grace`:
///   - every child whose restart was due is there (S40-S44, S64);
///   - who gave up has ended; the children of an ended supervisor have, too (S17, S76).
///
/// The budget is checked where the node provides a `board_registry` (it knows the period) and waits for no back-off; a
/// child that is terminated through the API while it waits for its restart is told from a lost one by its board only.
class supervision_rules final : public telemetry_checker {
public:
  explicit supervision_rules(duration grace = 1s);

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;
  void on_send(const process* from, const process& to, const caf::mailbox_element& m) override;
  void at_end(world& w) override;

private:
  struct orphan {
    std::string what;
    std::string supervisor;
    time_point since{};
  };
  struct node_state {
    std::map<std::uint64_t, supervised> supervisors;       // Alive.
    std::map<std::uint64_t, std::uint64_t> supervisor_of;  // Of living children.
    std::map<std::uint64_t, orphan> orphans;               // Whose supervisor ended before them.
  };

  void started(simulated_node& n, const process_started& e);
  void ended(simulated_node& n, const process_ended& e);
  void reported(simulated_node& n, const supervision::report& r);
  void judge(simulated_node& n, const std::string& broken);
  void judge_end(simulated_node& n, node_state& s);

  duration grace_;
  std::string supervisor_kind_;
  std::map<std::uint64_t, node_state> nodes_;  // By incarnation.
};

}  // namespace beamline::testing
