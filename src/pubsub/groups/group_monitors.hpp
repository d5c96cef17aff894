#pragma once

#include "actors/pid.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace beamline::pubsub::groups {

/// Who is told of which changes of a scope (D99): one process may have many monitors, of one group or of all.
class group_monitors {
public:
  /// `group`: nothing for the whole scope. Returns a number that no other monitor ever had or will have.
  std::uint64_t add(const pid& owner, std::optional<std::string> group);
  /// False: there is no such monitor.
  bool remove(std::uint64_t ref);
  void remove_all_of(const pid& owner);

  /// In the order they were added.
  void for_each_of(const std::string& group,
                   const std::function<void(std::uint64_t ref, const pid& owner)>& tell) const;

  [[nodiscard]] bool has(const pid& owner) const { return refs_of_.contains(owner); }
  /// Whose monitor that is; empty: there is no such monitor.
  [[nodiscard]] pid owner_of(std::uint64_t ref) const;
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

private:
  struct monitor {
    pid owner;
    std::optional<std::string> group;
  };

  std::map<std::uint64_t, monitor> all_;
  std::map<std::string, std::set<std::uint64_t>> of_group_;
  std::set<std::uint64_t> of_scope_;
  std::map<pid, std::set<std::uint64_t>> refs_of_;
  std::uint64_t last_ = 0;
};

}  // namespace beamline::pubsub::groups
