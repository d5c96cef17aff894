#include "pubsub/groups/scope.hpp"

#include "pubsub/groups/limits.hpp"

#include <utility>

namespace beamline::pubsub::groups {

namespace {

// There is never more of them than memberships and monitors.
static_assert(memberships_max + monitors_max < process::pending_max);

call_error refused(std::string text) { return {call_error::kind::crashed, reason::custom(std::move(text))}; }

member_ids ids_of(const std::vector<pid>& members) {
  member_ids ids;
  ids.reserve(members.size());
  for (const auto& p : members)
    ids.push_back(p.id());
  return ids;
}

std::string objection_to_group(const std::string& group) {
  if (!group.empty() && group.size() <= group_name_bytes_max)
    return {};
  return "badarg: a group has a name of 1 to " + std::to_string(group_name_bytes_max) + " bytes, this one has "
       + std::to_string(group.size());
}

}  // namespace

scope::scope(process_context& c, std::string name)
    : process{c},
      name_{std::move(name)},
      service_{"pg:" + name_},
      table_{std::make_shared<group_table>(env().self())} {}

behavior scope::init() {
  if (name_.empty() || name_.size() > scope_name_bytes_max)
    return refuse_start(reason::custom("badarg: a scope has a name of 1 to " + std::to_string(scope_name_bytes_max)
                                       + " bytes, this one has " + std::to_string(name_.size())));
  if (auto named = register_as(service_); !named)
    return refuse_start(reason::custom("already_started: " + named.error().message));
  core_ = std::make_unique<group_core>(env().processes().next_ref(), table_, static_cast<group_port&>(*this));
  env().get<scope_list>().add(name_, self().id(), table_);
  env().peers().register_service(service_, self());
  for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
    core_->node_up(peer);
  return handlers([this](const groups::join& m) { return handle_join(m); },
                  [this](const groups::leave& m) { return handle_leave(m); },
                  [this](const groups::monitor& m) { return handle_monitor(m); },
                  [this](const groups::monitor_scope& m) { return handle_monitor_scope(m); },
                  [this](const groups::demonitor& m) { return handle_demonitor(m); },
                  [this](const peer_message& m) { handle_message(m); },
                  [this](const node_up& m) { core_->node_up(m.peer); },
                  [this](const node_down& m) { core_->node_down(m.peer); });
}

void scope::terminate(const reason&) {
  if (core_ == nullptr)
    return;
  env().get<scope_list>().remove(name_, self().id());
  core_->goodbye();
}

// -- members --------------------------------------------------------------------------------------

std::string scope::objection_to(const std::string& group, const std::vector<pid>& members) const {
  if (auto wrong = objection_to_group(group); !wrong.empty())
    return wrong;
  for (const auto& p : members) {
    if (!p || p.is_named())
      return "badarg: a member is a process by its id, not " + (p ? to_string(p) : std::string{"nobody"});
    if (!p.is_on(*env().self()))
      return "nolocal: " + to_string(p) + " is no process of " + env().self()->name + "; let it join on its own node";
  }
  return {};
}

scope::deferred scope::handle_join(const groups::join& m) {
  auto answer = promise<void>();
  if (auto wrong = objection_to(m.group, m.members); !wrong.empty()) {
    answer.fail(refused(std::move(wrong)));
  } else if (auto ok = core_->join(m.group, ids_of(m.members)); !ok) {
    env().log().write(complaints_, log_level::error, "pg", "join refused",
                      {{"scope", name_}, {"group", m.group}, {"why", ok.error()}});
    answer.fail(refused(ok.error().message));
  } else {
    // One that has ended already is a member until its watch says so, as with any other.
    for (const auto& p : m.members)
      if (auto [at, is_new] = members_.try_emplace(p.id()); is_new)
        at->second = watch(p, [this, id = p.id()](const reason&) { member_ended(id); });
    answer.set();
  }
  return answer;
}

scope::deferred scope::handle_leave(const groups::leave& m) {
  auto answer = promise<void>();
  if (auto wrong = objection_to(m.group, m.members); !wrong.empty()) {
    answer.fail(refused(std::move(wrong)));
  } else if (!core_->leave(m.group, ids_of(m.members))) {
    answer.fail(refused("not_joined: " + (m.members.empty() ? std::string{"nobody"} : to_string(m.members.front()))
                        + (m.members.size() > 1 ? " and the others given are" : " is") + " not in the group \""
                        + m.group + "\""));
  } else {
    for (const auto& p : m.members)
      if (!table_->is_member(p.id()))
        if (auto w = members_.extract(p.id()))
          unwatch(w.mapped());
    answer.set();
  }
  return answer;
}

void scope::member_ended(std::uint64_t id) {
  members_.erase(id);
  core_->member_ended(id);
}

// -- monitors ---------------------------------------------------------------------------------------

std::string scope::objection_to_monitor(const pid& who) const {
  if (!who || who.is_named())
    return "badarg: who monitors is a process by its id, not " + (who ? to_string(who) : std::string{"nobody"});
  if (!who.is_on(*env().self()))
    return "nolocal: " + to_string(who) + " is no process of " + env().self()->name
         + "; let it monitor on its own node";
  if (monitors_.size() >= monitors_max)
    return "system_limit: the scope " + name_ + " has " + std::to_string(monitors_max) + " monitors already";
  return {};
}

void scope::watch_owner(const pid& who) {
  if (auto [at, is_new] = owners_.try_emplace(who); is_new)
    at->second = watch(who, [this, who](const reason&) {
      owners_.erase(who);
      monitors_.remove_all_of(who);
    });
}

scope::deferred scope::handle_monitor(const groups::monitor& m) {
  auto answer = promise<monitored>();
  auto wrong = objection_to_group(m.group);
  if (wrong.empty())
    wrong = objection_to_monitor(m.who);
  if (!wrong.empty()) {
    answer.fail(refused(std::move(wrong)));
  } else {
    answer.set(monitored{monitors_.add(m.who, m.group), table_->told_members(m.group)});
    watch_owner(m.who);
  }
  return answer;
}

scope::deferred scope::handle_monitor_scope(const groups::monitor_scope& m) {
  auto answer = promise<scope_monitored>();
  if (auto wrong = objection_to_monitor(m.who); !wrong.empty()) {
    answer.fail(refused(std::move(wrong)));
  } else {
    answer.set(scope_monitored{monitors_.add(m.who, std::nullopt), table_->told()});
    watch_owner(m.who);
  }
  return answer;
}

bool scope::handle_demonitor(const groups::demonitor& m) {
  auto owner = monitors_.owner_of(m.ref);
  auto was_there = monitors_.remove(m.ref);
  if (was_there && !monitors_.has(owner))
    if (auto w = owners_.extract(owner))
      unwatch(w.mapped());
  return was_there;
}

void scope::changed(const group_change& c) {
  monitors_.for_each_of(c.group, [&](std::uint64_t ref, const pid& owner) {
    if (c.is_join)
      cast(owner, joined{ref, c.group, c.members});
    else
      cast(owner, left{ref, c.group, c.members});
  });
}

// -- peers --------------------------------------------------------------------------------------------

void scope::handle_message(const peer_message& m) {
  if (auto said = decode_group_message(m.payload))
    core_->receive(m.from, *said);
  else
    complain(m.from.name, said.error().message);
}

bool scope::send(const std::string& node, lane where, const wire_group_message& m) {
  auto sent = env().peers().send(node, where, service_, encode_group_message(m));
  // A node that is gone is told of soon, and has no use for it: as good as sent.
  if (sent || sent.error().code == errc::unavailable)
    return true;
  env().log().write(complaints_, log_level::warn, "pg", "the link has no room for memberships, they are sent again",
                    {{"scope", name_}, {"peer", node}, {"why", sent.error()}});
  return false;
}

void scope::flush_after(duration d) {
  run_after(d, [this] { core_->flush(); });
}

void scope::complain(const std::string& node, const std::string& what) {
  env().log().write(complaints_, log_level::warn, "pg", "what a peer said of its members was dropped",
                    {{"scope", name_}, {"peer", node}, {"why", what}});
}

}  // namespace beamline::pubsub::groups
