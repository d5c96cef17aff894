#pragma once

#include "testing/check/checker.hpp"
#include "testing/cluster.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beamline::testing {

/// What is run under thousands of schedules and faults: which nodes, what runs on them, what must hold. One object per
/// run; all of its state is of that run. Several runs may be under way on different threads: nothing static.
class scenario {
public:
  virtual ~scenario() = default;

  [[nodiscard]] virtual std::vector<std::string> nodes() const { return {"a@sim", "b@sim", "c@sim"}; }
  /// At every start of a node. See cluster::boot_function.
  virtual void boot(simulated_node& n) = 0;
  /// Once, before the first node starts: what must hold.
  virtual void add_checkers(cluster&) {}
  /// At the horizon: whatever makes load stops doing so. A message would be lost on a node that is down: close a gate.
  virtual void stop_load(cluster&) {}
  /// Liveness: after the horizon everything is healed and started; the run goes on until this holds. If it does not
  /// within `plan::settle`, the invariant "settles" is broken; `why` says what is missing.
  [[nodiscard]] virtual bool is_settled(cluster&, std::string& /*why*/) { return true; }
};

using scenario_factory = std::function<std::unique_ptr<scenario>()>;

}  // namespace beamline::testing
