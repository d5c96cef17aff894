#pragma once

#include "sim/presence/checkers/guest_book.hpp"
#include "sim/presence/checkers/silences.hpp"
#include "sim/presence/checkers/troubles.hpp"
#include "sim/presence/events.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace beamline::gathering {

/// Who is tracked leaves another node's list only when nothing was heard of its node for as long as `silences` says, or
/// one of both nodes, or its tracker there, was started anew (I24, I30).
class leaves_with_cause final : public testing::telemetry_checker {
public:
  /// `recently`: so long a restart counts. The others outlive it.
  leaves_with_cause(const guest_book& book, const troubles& t, const silences& s, duration recently)
      : telemetry_checker{"leaves with a cause"}, book_{book}, troubles_{t}, silences_{s}, recently_{recently} {}

  void on_start(testing::simulated_node& n) override;

private:
  using entry_id = std::tuple<std::string, guest_book::guest_id>;  // Owner.

  void judge(testing::simulated_node& n, const std::string& shard);

  const guest_book& book_;
  const troubles& troubles_;
  const silences& silences_;
  const duration recently_;
  std::map<std::string, std::uint64_t> runs_;                      // The last of each node.
  std::map<std::uint64_t, std::map<entry_id, std::string>> left_;  // By run of who is told; ref.
};

}  // namespace beamline::gathering
