#pragma once

#include "base/time.hpp"
#include "pubsub/presence/presence.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace beamline::presence::layer {

/// The diffs that were taken and are not published, in the order they must be (D178, I33): fetches of one topic run at
/// the same time and end as they like; a diff is handed out only behind all of its topic that were taken before it.
/// A value; pure.
class publish_order {
public:
  struct diff_parts {
    std::uint64_t id = 0;
    presence_map joins;
    presence_map leaves;
    time_point taken{};
  };

  /// As it was tracked: what is published when nobody can say more.
  void begin(const std::string& topic, diff_parts as_tracked);
  /// Fetched. False: it was published already, or never begun.
  bool finish(const std::string& topic, std::uint64_t id, presence_map joins, presence_map leaves);
  /// Goes out as it was tracked (D179). False: the same.
  bool give_up(const std::string& topic, std::uint64_t id);

  /// The next one to publish; nothing: none is there, or the first of them is being fetched.
  [[nodiscard]] std::optional<diff_parts> take_ready(const std::string& topic);
  /// One that was taken and not published: it is the next one again.
  void put_back(const std::string& topic, diff_parts ready);
  [[nodiscard]] std::size_t waiting(const std::string& topic) const;

private:
  struct slot {
    diff_parts parts;
    bool is_ready = false;
  };
  [[nodiscard]] slot* find(const std::string& topic, std::uint64_t id);

  std::map<std::string, std::deque<slot>> topics_;
};

}  // namespace beamline::presence::layer
