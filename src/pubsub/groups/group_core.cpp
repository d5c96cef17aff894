#include "pubsub/groups/group_core.hpp"

#include "pubsub/groups/limits.hpp"

#include <algorithm>
#include <utility>

namespace beamline::pubsub::groups {

namespace {

std::vector<pid> as_pids(const node_identity_ptr& node, const member_ids& ids) {
  std::vector<pid> all;
  all.reserve(ids.size());
  for (auto id : ids)
    all.emplace_back(node, id);
  return all;
}

/// Empty, or what no scope would send.
std::string objection_to(const memberships& m) {
  for (const auto& [name, ids] : m) {
    if (name.empty() || name.size() > group_name_bytes_max)
      return "a group whose name has " + std::to_string(name.size()) + " bytes; 1 to "
           + std::to_string(group_name_bytes_max) + " are allowed";
    if (std::find(ids.begin(), ids.end(), 0) != ids.end())
      return "a member of \"" + name + "\" that is no process";
  }
  return {};
}

}  // namespace

// -- own members ----------------------------------------------------------------------------------

result<void> group_core::join(const std::string& group, const member_ids& ids) {
  if (auto joined = table_->join(group, ids); !joined)
    return joined;
  if (ids.empty())
    return {};
  push(true, {{group, ids}});
  tell({{true, group, as_pids(table_->self(), ids)}});
  return {};
}

bool group_core::leave(const std::string& group, const member_ids& ids) {
  auto gone = table_->leave(group, ids);
  if (gone.empty())
    return false;
  push(false, {{group, gone}});
  tell({{false, group, as_pids(table_->self(), gone)}});
  return true;
}

void group_core::member_ended(std::uint64_t id) {
  auto gone = table_->forget(id);
  if (gone.empty())
    return;
  push(false, gone);
  for (const auto& [group, ids] : gone)
    tell({{false, group, as_pids(table_->self(), ids)}});
}

void group_core::tell(std::vector<group_change> changes) {
  for (const auto& c : changes)
    port_.changed(c);
}

// -- what peers are told ------------------------------------------------------------------------------

void group_core::push(bool is_join, const memberships& m) {
  for (auto& [name, p] : peers_)
    push_to(p, is_join, m);
}

void group_core::push_to(peer& p, bool is_join, const memberships& m) {
  wire_update u{scope_, 0, is_join, {}};
  std::size_t octets = 0;
  auto flush_update = [&] {
    if (u.members.empty() || p.what == peer::knows::nothing)
      return;
    u.sequence = ++p.sent;
    if (!port_.send(p.info.identity.name, lane::presence, u)) {
      // It would see a gap; what it missed it gets with all the rest.
      p.what = peer::knows::nothing;
      p.wants_sync = true;
      want_flush(sync_retry);
    }
    u.members.clear();
    octets = 0;
  };
  for (const auto& [group, ids] : m) {
    if (p.what == peer::knows::nothing || (p.what == peer::knows::part && group > p.upto))
      continue;
    if (octets > 0 && octets + group.size() + ids.size() * 8 > sync_octets)
      flush_update();
    octets += group.size() + ids.size() * 8;
    u.members.emplace(group, ids);
  }
  flush_update();
}

bool group_core::sync(peer& p) {
  if (std::exchange(p.wants_sync, false)) {
    p.what = peer::knows::part;
    p.upto.clear();
  }
  for (std::size_t n = 0; n < sync_parts_per_turn && p.what == peer::knows::part; ++n) {
    auto is_first = p.upto.empty();
    auto [part, is_last] = table_->part_after(p.upto, sync_octets);
    wire_sync m{scope_, ++p.sent, is_first, p.upto, is_last ? std::string{} : part.rbegin()->first, std::move(part)};
    if (!port_.send(p.info.identity.name, lane::presence, m)) {
      // The number is used again: nobody has seen it.
      --p.sent;
      if (is_first) {
        p.what = peer::knows::nothing;
        p.wants_sync = true;
      }
      return false;
    }
    p.upto = m.upto;
    if (is_last)
      p.what = peer::knows::all;
  }
  return true;
}

void group_core::flush() {
  is_flush_due_ = false;
  auto again = std::optional<duration>{};
  for (auto& [name, p] : peers_) {
    auto is_taken = true;
    if (p.owes_discover) {
      is_taken = port_.send(name, lane::presence, wire_discover{scope_});
      p.owes_discover = !is_taken;
    }
    if (p.wants_sync || p.what == peer::knows::part)
      is_taken = sync(p) && is_taken;
    if (!is_taken && !again)
      again = sync_retry;
    else if (is_taken && p.what == peer::knows::part)
      again = duration::zero();
  }
  if (again)
    want_flush(*again);
}

void group_core::want_flush(duration d) {
  if (std::exchange(is_flush_due_, true))
    return;
  port_.flush_after(d);
}

void group_core::goodbye() {
  for (const auto& [name, p] : peers_)
    (void)port_.send(name, lane::control, wire_goodbye{scope_});  // A peer that is gone has forgotten it anyway.
}

// -- what peers tell ----------------------------------------------------------------------------------

void group_core::node_up(const peer_info& up) {
  if (up.identity.name == table_->self()->name)
    return;
  // Events of one name alternate (D53); should one have been missed, the old connection is over all the same.
  if (auto old = peers_.find(up.identity.name); old != peers_.end())
    node_down(peer_info{old->second.info});
  table_->add_peer(up);
  auto& p = peers_[up.identity.name];
  p.info = up;
  // Above all of earlier links: a sync that was still written for the old one must not pass for a later one (I14, seed
  // 471).
  p.sent = up.connection << 32;
  p.owes_discover = true;
  want_flush(duration::zero());
}

void group_core::node_down(const peer_info& down) {
  auto p = peers_.find(down.identity.name);
  if (p == peers_.end() || p->second.info.identity != down.identity)
    return;
  forget_scope(p->second);
  table_->remove_peer(p->first);
  peers_.erase(p);
}

void group_core::receive(const node_identity& from, const wire_group_message& m) {
  auto p = peers_.find(from.name);
  if (p == peers_.end() || p->second.info.identity != from)
    return;  // Nobody this node is linked with, as a node and not as a tool.
  std::visit([&](const auto& content) { handle(p->second, content); }, m);
}

bool group_core::meet(peer& p, std::uint64_t scope) {
  if (scope == 0 || scope < p.scope || scope <= p.ended)
    return false;
  if (scope == p.scope)
    return true;
  forget_scope(p);
  p.scope = scope;
  p.heard = 0;
  p.owes_discover = true;  // It knows nothing of this one, either.
  p.is_asked = true;
  want_flush(duration::zero());
  return true;
}

void group_core::forget_scope(peer& p) {
  std::vector<group_change> changes;
  table_->clear(p.info.identity.name, changes);
  p.scope = 0;
  p.heard = 0;
  tell(std::move(changes));
}

void group_core::handle(peer& p, const wire_discover& m) {
  if (!meet(p, m.scope))
    return;
  // However many of them wait: one answer, behind them.
  p.wants_sync = true;
  p.what = peer::knows::nothing;
  want_flush(duration::zero());
}

bool group_core::is_next(peer& p, std::uint64_t sequence, bool may_skip) {
  if (sequence <= p.heard)
    return false;  // It came twice.
  if (may_skip || (p.heard != 0 && sequence == p.heard + 1)) {
    p.heard = sequence;
    return true;
  }
  if (p.heard != 0)
    ask(p);
  return false;
}

void group_core::ask(peer& p) {
  p.heard = 0;
  if (std::exchange(p.is_asked, true))
    return;
  p.owes_discover = true;
  want_flush(duration::zero());
}

void group_core::handle(peer& p, const wire_sync& m) {
  // A sync may be the first that is heard of that scope: it answers the `discover` of this one.
  if (!meet(p, m.scope) || !is_next(p, m.sequence, m.is_first))
    return;
  p.is_asked = false;
  if (auto wrong = objection_to(m.members); !wrong.empty())
    return port_.complain(p.info.identity.name, wrong);
  std::vector<group_change> changes;
  if (!table_->replace(p.info.identity.name, m.after, m.upto, m.members, changes))
    port_.complain(p.info.identity.name, "more than " + std::to_string(memberships_max) + " memberships");
  tell(std::move(changes));
}

void group_core::handle(peer& p, const wire_update& m) {
  // Of a scope that has not been met it precedes the sync, or follows the end (D96).
  if (m.scope != p.scope || !is_next(p, m.sequence, false))
    return;
  if (auto wrong = objection_to(m.members); !wrong.empty())
    return port_.complain(p.info.identity.name, wrong);
  std::vector<group_change> changes;
  if (!m.is_join)
    table_->remove(p.info.identity.name, m.members, changes);
  else if (!table_->add(p.info.identity.name, m.members, changes))
    port_.complain(p.info.identity.name, "more than " + std::to_string(memberships_max) + " memberships");
  tell(std::move(changes));
}

void group_core::handle(peer& p, const wire_goodbye& m) {
  p.ended = std::max(p.ended, m.scope);
  if (m.scope == p.scope)
    forget_scope(p);
}

}  // namespace beamline::pubsub::groups
