#pragma once

#include "pubsub/presence/crdt/entry.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace beamline::presence {

/// Several changes, one after the other, as one: what was there before all of them, and what after. Pure.
///
/// An entry that left and came back with the same meta has not changed, whatever replica and number it has now: a shard
/// that was restarted, and a replica that was met anew, cost no diff (D159, D171).
class diff_sum {
public:
  void add(const diff& d);
  void leave(const tracked& t);
  void join(const tracked& t);

  /// Key, actor, owner's name: in this order they are told.
  using identity = std::tuple<std::string, std::uint64_t, std::string>;
  struct change {
    std::optional<tracked> before{};
    std::optional<tracked> after{};
  };
  using changes = std::map<std::string, std::map<identity, change>>;  // By topic.

  [[nodiscard]] bool empty() const noexcept { return changes_.empty(); }
  /// Everything, also what did not change but for replica and number; the sum is empty afterwards.
  [[nodiscard]] changes take();

private:
  change& at(const tracked& t);

  changes changes_;
};

/// What is to be told of them.
[[nodiscard]] diff visible(const diff_sum::changes& c);

}  // namespace beamline::presence
