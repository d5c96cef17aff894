#pragma once

#include "actors/process_table.hpp"
#include "pubsub/groups/group_table.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace beamline::pubsub::groups {

/// The scopes that run on a node, for whoever reads their groups: a part of the node, made before it starts.
///
///   scope_list scopes;  node.env().provide(scopes);
///
/// Thread-safe.
class scope_list {
public:
  /// The groups of a scope; null: no such scope runs.
  [[nodiscard]] std::shared_ptr<const group_table> find(std::string_view scope, process_table& processes) const;

  // -- for the scope itself ----------------------------------------------------------------------

  void add(const std::string& scope, std::uint64_t process, std::shared_ptr<const group_table> table);
  /// Only if it is still the one that was added.
  void remove(const std::string& scope, std::uint64_t process);

private:
  struct entry {
    std::uint64_t process;
    std::shared_ptr<const group_table> table;
  };

  mutable std::mutex mutex_;
  std::map<std::string, entry, std::less<>> scopes_;
};

}  // namespace beamline::pubsub::groups
