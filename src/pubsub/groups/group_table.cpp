#include "pubsub/groups/group_table.hpp"

#include "pubsub/groups/limits.hpp"

#include <algorithm>

namespace beamline::pubsub::groups {

namespace {

// What a membership and the name of a group take on the wire, about.
constexpr std::size_t membership_octets = 6;
constexpr std::size_t group_octets = 8;

std::map<std::uint64_t, std::uint32_t> counted(const member_ids& ids) {
  std::map<std::uint64_t, std::uint32_t> all;
  for (auto id : ids)
    ++all[id];
  return all;
}

error too_many(std::size_t limit, const std::string& where) {
  return {errc::too_large, "system_limit: a node may have " + std::to_string(limit) + " memberships in " + where
                               + ", and it would have more; let some leave before"};
}

}  // namespace

// -- own members --------------------------------------------------------------------------------

result<void> group_table::join(const std::string& name, const member_ids& ids) {
  auto g = groups_.find(name);
  auto here = g == groups_.end() ? 0 : g->second.own_total;
  if (here + ids.size() > memberships_per_group_max)
    return too_many(memberships_per_group_max, "the group \"" + name + "\"");
  if (own_memberships_ + ids.size() > memberships_max)
    return too_many(memberships_max, "one scope");
  if (ids.empty())
    return {};
  std::unique_lock lock{mutex_};
  auto& content = groups_[name];
  for (auto id : ids) {
    ++content.own[id];
    groups_of_[id].insert(name);
  }
  content.own_total += ids.size();
  own_memberships_ += ids.size();
  return {};
}

member_ids group_table::leave(const std::string& name, const member_ids& ids) {
  member_ids gone;
  auto g = groups_.find(name);
  if (g == groups_.end())
    return gone;
  std::unique_lock lock{mutex_};
  auto& own = g->second.own;
  for (auto id : ids) {
    auto m = own.find(id);
    if (m == own.end())
      continue;
    gone.push_back(id);
    if (--m->second > 0)
      continue;
    own.erase(m);
    auto of = groups_of_.find(id);
    of->second.erase(name);
    if (of->second.empty())
      groups_of_.erase(of);
  }
  g->second.own_total -= gone.size();
  own_memberships_ -= gone.size();
  erase_if_empty(g);
  return gone;
}

memberships group_table::forget(std::uint64_t id) {
  memberships gone;
  std::unique_lock lock{mutex_};
  auto of = groups_of_.extract(id);
  if (!of)
    return gone;
  for (const auto& name : of.mapped()) {
    auto g = groups_.find(name);
    auto times = g->second.own.extract(id).mapped();
    gone[name].assign(times, id);
    g->second.own_total -= times;
    own_memberships_ -= times;
    erase_if_empty(g);
  }
  return gone;
}

bool group_table::is_member(std::uint64_t id) const { return groups_of_.contains(id); }

std::pair<memberships, bool> group_table::part_after(std::string_view after, std::size_t octets) const {
  memberships part;
  std::size_t size = 0;
  auto g = groups_.upper_bound(after);
  for (; g != groups_.end(); ++g) {
    const auto& [name, content] = *g;
    if (content.own.empty())
      continue;
    auto adds = group_octets + name.size() + membership_octets * content.own_total;
    if (size > 0 && size + adds > octets)
      return {std::move(part), false};
    size += adds;
    auto& ids = part[name];
    for (const auto& [id, times] : content.own)
      ids.insert(ids.end(), times, id);
  }
  return {std::move(part), true};
}

// -- members of peers -----------------------------------------------------------------------------

void group_table::add_peer(const peer_info& p) {
  std::unique_lock lock{mutex_};
  peers_.insert_or_assign(p.identity.name,
                          peer{std::make_shared<const node_identity>(p.identity), p.connection, 0, {}});
}

void group_table::remove_peer(const std::string& peer_name) {
  std::unique_lock lock{mutex_};
  peers_.erase(peer_name);
}

bool group_table::add_to(const std::string& peer_name, peer& p, const std::string& name, group& g,
                         const member_ids& ids, std::vector<group_change>& changes) {
  if (p.memberships + ids.size() > memberships_max)
    return false;
  if (ids.empty())
    return true;
  group_change joined{true, name, {}};
  auto& theirs = g.of_peers[peer_name];
  for (auto id : ids) {
    ++theirs[id];
    joined.members.emplace_back(p.identity, id);
  }
  p.memberships += ids.size();
  p.groups.insert(name);
  changes.push_back(std::move(joined));
  return true;
}

bool group_table::add(const std::string& peer_name, const memberships& more, std::vector<group_change>& changes) {
  auto p = peers_.find(peer_name);
  if (p == peers_.end())
    return true;
  std::unique_lock lock{mutex_};
  auto is_all = true;
  for (const auto& [name, ids] : more) {
    auto g = groups_.try_emplace(name).first;
    is_all = add_to(peer_name, p->second, name, g->second, ids, changes) && is_all;
    erase_if_empty(g);
  }
  return is_all;
}

void group_table::remove(const std::string& peer_name, const memberships& gone, std::vector<group_change>& changes) {
  auto p = peers_.find(peer_name);
  if (p == peers_.end())
    return;
  std::unique_lock lock{mutex_};
  for (const auto& [name, ids] : gone) {
    auto g = groups_.find(name);
    if (g == groups_.end() || !g->second.of_peers.contains(peer_name))
      continue;
    group_change left{false, name, {}};
    auto& theirs = g->second.of_peers[peer_name];
    for (auto id : ids)
      if (auto m = theirs.find(id); m != theirs.end()) {
        left.members.emplace_back(p->second.identity, id);
        if (--m->second == 0)
          theirs.erase(m);
      }
    p->second.memberships -= left.members.size();
    if (theirs.empty()) {
      g->second.of_peers.erase(peer_name);
      p->second.groups.erase(name);
      erase_if_empty(g);
    }
    if (!left.members.empty())
      changes.push_back(std::move(left));
  }
}

bool group_table::replace(const std::string& peer_name, std::string_view after, std::string_view upto,
                          const memberships& all, std::vector<group_change>& changes) {
  auto p = peers_.find(peer_name);
  if (p == peers_.end())
    return true;
  memberships gone;
  memberships come;
  const auto& known = p->second.groups;
  for (auto name = known.upper_bound(std::string{after}); name != known.end() && (upto.empty() || *name <= upto);
       ++name)
    if (!all.contains(*name))
      for (const auto& [id, times] : groups_.find(*name)->second.of_peers.at(peer_name))
        gone[*name].insert(gone[*name].end(), times, id);
  for (const auto& [name, ids] : all) {
    auto is = counted(ids);
    auto was = counts{};
    if (known.contains(name))
      was = groups_.find(name)->second.of_peers.at(peer_name);
    for (const auto& [id, times] : was)
      if (auto now = is.contains(id) ? is.at(id) : 0; now < times)
        gone[name].insert(gone[name].end(), times - now, id);
    for (const auto& [id, times] : is)
      if (auto before = was.contains(id) ? was.at(id) : 0; before < times)
        come[name].insert(come[name].end(), times - before, id);
  }
  remove(peer_name, gone, changes);
  return add(peer_name, come, changes);
}

void group_table::clear(const std::string& peer_name, std::vector<group_change>& changes) {
  auto p = peers_.find(peer_name);
  if (p == peers_.end())
    return;
  std::unique_lock lock{mutex_};
  for (const auto& name : std::exchange(p->second.groups, {}))
    drop(peer_name, p->second, name, changes);
  p->second.memberships = 0;
}

void group_table::drop(const std::string& peer_name, peer& p, const std::string& name,
                       std::vector<group_change>& changes) {
  auto g = groups_.find(name);
  group_change left{false, name, {}};
  append(left.members, p.identity, g->second.of_peers.extract(peer_name).mapped());
  changes.push_back(std::move(left));
  erase_if_empty(g);
}

void group_table::erase_if_empty(group_list::iterator g) {
  if (g->second.own.empty() && g->second.of_peers.empty())
    groups_.erase(g);
}

// -- reading ----------------------------------------------------------------------------------------

void group_table::append(std::vector<pid>& out, const node_identity_ptr& node, const counts& c) {
  for (const auto& [id, times] : c)
    out.insert(out.end(), times, pid{node, id});
}

bool group_table::is_linked(const peer& p, const std::vector<peer_info>& linked) {
  return std::any_of(linked.begin(), linked.end(),
                     [&](const peer_info& l) { return l.connection == p.connection && l.identity == *p.identity; });
}

std::vector<pid> group_table::members(const std::string& name, const std::vector<peer_info>& linked) const {
  std::vector<pid> all;
  std::shared_lock lock{mutex_};
  auto g = groups_.find(name);
  if (g == groups_.end())
    return all;
  append(all, self_, g->second.own);
  for (const auto& [peer_name, theirs] : g->second.of_peers)
    if (const auto& p = peers_.at(peer_name); is_linked(p, linked))
      append(all, p.identity, theirs);
  return all;
}

std::vector<pid> group_table::local_members(const std::string& name) const {
  std::vector<pid> all;
  std::shared_lock lock{mutex_};
  if (auto g = groups_.find(name); g != groups_.end())
    append(all, self_, g->second.own);
  return all;
}

std::vector<std::string> group_table::names(const std::vector<peer_info>& linked) const {
  std::vector<std::string> all;
  std::shared_lock lock{mutex_};
  std::set<std::string> there;
  for (const auto& [name, p] : peers_)
    if (is_linked(p, linked))
      there.insert(name);
  for (const auto& [name, g] : groups_)
    if (!g.own.empty()
        || std::any_of(g.of_peers.begin(), g.of_peers.end(), [&](const auto& p) { return there.contains(p.first); }))
      all.push_back(name);
  return all;
}

std::vector<std::string> group_table::local_names() const {
  std::vector<std::string> all;
  std::shared_lock lock{mutex_};
  for (const auto& [name, g] : groups_)
    if (!g.own.empty())
      all.push_back(name);
  return all;
}

std::vector<pid> group_table::told_members(const std::string& name) const {
  std::vector<pid> all;
  auto g = groups_.find(name);
  if (g == groups_.end())
    return all;
  append(all, self_, g->second.own);
  for (const auto& [peer_name, theirs] : g->second.of_peers)
    append(all, peers_.at(peer_name).identity, theirs);
  return all;
}

std::map<std::string, std::vector<pid>> group_table::told() const {
  std::map<std::string, std::vector<pid>> all;
  for (const auto& [name, g] : groups_)
    all.emplace(name, told_members(name));
  return all;
}

}  // namespace beamline::pubsub::groups
