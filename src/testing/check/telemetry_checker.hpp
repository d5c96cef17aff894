#pragma once

#include "base/telemetry.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace beamline::testing {

/// A checker over telemetry: what it attaches to a node in `on_start` goes when the node ends. Whoever overrides
/// `on_end` calls this one, too.
class telemetry_checker : public checker {
public:
  using checker::checker;

  void on_end(simulated_node& n, node_end) override { handles_.erase(n.incarnation()); }

protected:
  /// Calls `fn(const E&)` for each `E` of that node from now on.
  template <telemetry_event E, class F>
  void listen(simulated_node& n, F fn) {
    handles_[n.incarnation()].push_back(n.events().template attach<E>(std::move(fn)));
  }

private:
  std::map<std::uint64_t, std::vector<telemetry::handle>> handles_;  // By incarnation.
};

}  // namespace beamline::testing
