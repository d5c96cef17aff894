#pragma once

// Who wants to be told how many are there, and when that is due. Those who ask the same about a topic at the same rate
// form a group, which is told at the same moments, so that a change costs each group one look, however many they are.

#include "actors/pid.hpp"
#include "base/time.hpp"
#include "pubsub/presence/presence.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace beamline::presence::layer {

/// A value; pure.
class count_watches {
public:
  /// The number for a topic and a quoted field (empty: distinct keys).
  using count_function = std::function<std::uint64_t(const std::string& topic, const std::string& quoted_field)>;
  struct telling {
    pid who;
    count_changed what;
  };

  /// Replaces an earlier one of that process for that topic. It is to be told `count` now.
  [[nodiscard]] telling add(const watch_count& w, std::uint64_t count, time_point now);
  /// False: there was none.
  bool remove(const std::string& topic, const pid& who);
  void remove(const pid& who);
  [[nodiscard]] bool has(const std::string& topic) const;
  [[nodiscard]] bool has(const pid& who) const { return by_process_.contains(who); }
  [[nodiscard]] std::set<pid> watchers() const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Somebody came to that topic or left it: its groups are due, as soon as their rate allows.
  void changed(const std::string& topic, time_point now);
  /// The groups of all topics are due: what happened meanwhile is not known.
  void changed_all(time_point now);
  /// What is to be told by now. A watcher that came less than its interval ago is told one interval later.
  [[nodiscard]] std::vector<telling> take_due(time_point now, const count_function& count_of);
  /// When to call `take_due` next; nothing: after the next change.
  [[nodiscard]] std::optional<time_point> next() const;
  /// Quoted fields that nobody counts by any more in their topic, since this was called last.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> take_abandoned();

private:
  struct member {
    std::uint64_t told = 0;
    time_point at{};
  };
  struct group {
    std::map<pid, member> members;
    time_point looked{};  // When it was told last, or made.
    std::optional<time_point> due;
  };
  using id = std::tuple<std::string, std::string, duration>;  // Topic, quoted field, rate.

  void schedule(const id& which, group& g, time_point at);
  void drop_member(const id& which, const pid& who);

  std::map<id, group> groups_;
  std::map<pid, std::map<std::string, id>> by_process_;  // By topic.
  std::set<std::pair<time_point, id>> due_;
  std::vector<std::pair<std::string, std::string>> abandoned_;
  std::size_t size_ = 0;
};

}  // namespace beamline::presence::layer
