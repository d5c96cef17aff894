#pragma once

#include "testing/check/telemetry_checker.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::gathering {

/// What may excuse others: links that went down and came up, parts that ended, lanes that overflowed. Breaks nothing
/// itself.
class troubles final : public testing::telemetry_checker {
public:
  troubles() : telemetry_checker{"troubles"} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  /// Something of `area`, "pubsub" or "presence", ended on that node then, or the node itself did, or started.
  [[nodiscard]] bool was_any_on(std::string_view node, std::string_view area, time_point from, time_point to) const;
  /// Their link changed then, as one of them saw it, or did not take something.
  [[nodiscard]] bool was_any_between(std::string_view a, std::string_view b, time_point from, time_point to) const;
  /// Both of them see the other.
  [[nodiscard]] bool are_linked(const std::string& a, const std::string& b) const;

private:
  void note(std::string what, time_point when) { moments_[std::move(what)].push_back(when); }
  [[nodiscard]] bool was_any(const std::string& what, time_point from, time_point to) const;

  std::map<std::string, std::vector<time_point>> moments_;
  std::map<std::string, std::set<std::string>> linked_;
};

}  // namespace beamline::gathering
