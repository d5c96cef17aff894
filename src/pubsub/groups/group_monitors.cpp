#include "pubsub/groups/group_monitors.hpp"

#include <utility>

namespace beamline::pubsub::groups {

std::uint64_t group_monitors::add(const pid& owner, std::optional<std::string> group) {
  auto ref = ++last_;
  refs_of_[owner].insert(ref);
  (group ? of_group_[*group] : of_scope_).insert(ref);
  all_.emplace(ref, monitor{owner, std::move(group)});
  return ref;
}

bool group_monitors::remove(std::uint64_t ref) {
  auto m = all_.extract(ref);
  if (!m)
    return false;
  const auto& [owner, group] = m.mapped();
  if (!group) {
    of_scope_.erase(ref);
  } else if (auto g = of_group_.find(*group); g->second.erase(ref), g->second.empty()) {
    of_group_.erase(g);
  }
  if (auto o = refs_of_.find(owner); o->second.erase(ref), o->second.empty())
    refs_of_.erase(o);
  return true;
}

void group_monitors::remove_all_of(const pid& owner) {
  auto o = refs_of_.find(owner);
  if (o == refs_of_.end())
    return;
  for (auto refs = o->second; auto ref : refs)
    remove(ref);
}

void group_monitors::for_each_of(const std::string& group,
                                 const std::function<void(std::uint64_t ref, const pid& owner)>& tell) const {
  auto refs = of_scope_;
  if (auto g = of_group_.find(group); g != of_group_.end())
    refs.insert(g->second.begin(), g->second.end());
  for (auto ref : refs)
    tell(ref, all_.at(ref).owner);
}

pid group_monitors::owner_of(std::uint64_t ref) const {
  auto m = all_.find(ref);
  return m == all_.end() ? pid{} : m->second.owner;
}

}  // namespace beamline::pubsub::groups
