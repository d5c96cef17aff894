#pragma once

#include "sim/presence/events.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace beamline::gathering {

/// Who is listed, as far as diffs tell: by node, process and key of a topic.
struct shown_entry {
  std::uint64_t version = 0;
  std::string ref;
  std::uint64_t weight = 0;
};
using shown_entries = std::map<std::tuple<std::string, std::uint64_t, std::string>, shown_entry>;

/// Diffs, folded from the first one on, are what is listed, at every diff; nobody joins who is listed, and nobody
/// leaves who is not (I25).
class diffs_fold final : public testing::telemetry_checker {
public:
  /// How many that tracker lists in that topic.
  using count_function = std::function<std::uint64_t(testing::simulated_node&, std::string_view, std::string_view)>;

  explicit diffs_fold(count_function count);

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  /// On the run of a node; empty: nobody.
  [[nodiscard]] shown_entries shown(std::uint64_t run, std::string_view tracker, std::string_view topic) const;

private:
  using place = std::tuple<std::uint64_t, std::string, std::string>;  // Run of the node, tracker, topic.

  void show(testing::simulated_node& n, const entry_shown& e);
  void compare(testing::simulated_node& n);

  count_function count_;
  std::map<place, shown_entries> shown_;
  std::map<std::uint64_t, std::set<place>> touched_;  // By run, since the last whole diff.
};

}  // namespace beamline::gathering
