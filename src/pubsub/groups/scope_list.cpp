#include "pubsub/groups/scope_list.hpp"

namespace beamline::pubsub::groups {

std::shared_ptr<const group_table> scope_list::find(std::string_view scope, process_table& processes) const {
  std::lock_guard lock{mutex_};
  auto s = scopes_.find(scope);
  // One that was killed and is stuck has not taken itself off the list yet.
  return s == scopes_.end() || !processes.is_alive(s->second.process) ? nullptr : s->second.table;
}

void scope_list::add(const std::string& scope, std::uint64_t process, std::shared_ptr<const group_table> table) {
  std::lock_guard lock{mutex_};
  scopes_.insert_or_assign(scope, entry{process, std::move(table)});
}

void scope_list::remove(const std::string& scope, std::uint64_t process) {
  std::lock_guard lock{mutex_};
  if (auto s = scopes_.find(scope); s != scopes_.end() && s->second.process == process)
    scopes_.erase(s);
}

}  // namespace beamline::pubsub::groups
