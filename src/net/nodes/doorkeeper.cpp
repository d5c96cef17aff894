#include "net/nodes/doorkeeper.hpp"

#include "base/node_name.hpp"
#include "base/planted.hpp"

#include <algorithm>

namespace beamline::net {

void doorkeeper::over(attempt a) { attempts_.erase(a); }

bool doorkeeper::is_met(std::string_view name) const {
  return std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& a) { return a.second.who.name == name; });
}

bool doorkeeper::is_allowed(std::string_view name) const {
  auto at = name.find('@');
  auto matches = [&](const std::string& rule) {
    if (rule.starts_with("*@"))
      return name.substr(at) == std::string_view{rule}.substr(1);
    if (rule.ends_with("@*"))
      return name.substr(0, at) == std::string_view{rule}.substr(0, rule.size() - 2);
    return name == rule;
  };
  return options_.allow.empty() || std::any_of(options_.allow.begin(), options_.allow.end(), matches);
}

doorkeeper::answer doorkeeper::object(const node_card& who, time_point now) const {
  const auto& name = who.identity.name;
  if (who.identity == options_.self.identity)
    return {verdict::self, "it is this very node"};
  if (auto parsed = node_name::parse(name); !parsed || parsed->text() != name)
    return {verdict::not_allowed, "\"" + name + "\" is no node name in canonical form"};
  if (who.cluster != options_.self.cluster)
    return {verdict::not_allowed,
            name + " belongs to the cluster \"" + who.cluster + "\", this node to \"" + options_.self.cluster + "\""};
  if (name == options_.self.identity.name)
    return {verdict::not_allowed,
            name + " is this node's own name; two nodes must not share one: change node.name of one of them"};
  if (!is_allowed(name))
    return {verdict::not_allowed, name + " is not in cluster.allow"};
  if (auto b = bans_.find(name); b != bans_.end() && now < b->second)
    return {verdict::not_allowed, name + " is banned"};
  if (up_.size() >= options_.peers_max && !up_.contains(name))
    return {verdict::not_allowed, "this node is linked with " + std::to_string(up_.size())
                                      + " others, the most that cluster.peers_max allows"};
  if (auto n = newest_.find(name); n != newest_.end() && who.identity.incarnation < n->second.incarnation
                                   && !planted::is_on(planted::bug::stale_run_welcome))
    return {verdict::stale_incarnation, name + " was seen as run " + std::to_string(n->second.incarnation)
                                            + "; this is its earlier run " + std::to_string(who.identity.incarnation)};
  return {verdict::ok};
}

/// Of two connections between the same nodes: the one dialled by the greater name.
bool doorkeeper::counts_more(const entry& e) const {
  return e.is_dialled == (options_.self.identity.name > e.who.name);
}

doorkeeper::answer doorkeeper::judge_claim(attempt a, const node_card& claimed, time_point now) {
  auto said = object(claimed, now);
  if (said.what != verdict::ok)
    return said;
  const auto& name = claimed.identity.name;
  auto u = up_.find(name);
  bool is_alive = u != up_.end() && u->second == claimed.identity.incarnation;
  for (const auto& [id, e] : attempts_) {
    is_alive = is_alive || (e.is_proven && e.who == claimed.identity);
    if (!e.is_dialled || e.who.name != name || e.is_proven)
      continue;
    if (counts_more(e))
      return {verdict::nok, "both nodes dialled; the connection of " + options_.self.identity.name + " goes on"};
    said.what = verdict::ok_simultaneous;
  }
  if (is_alive)
    said.what = verdict::alive;
  attempts_[a] = {claimed.identity, false};
  return said;
}

doorkeeper::answer doorkeeper::judge_answer(attempt a, const node_card& peer, verdict said, time_point now) {
  auto mine = object(peer, now);
  if (mine.what != verdict::ok)
    return mine;
  const auto& name = peer.identity.name;
  if (auto u = up_.find(name); u != up_.end() && u->second == peer.identity.incarnation)
    return {verdict::alive, name + " is linked already"};
  for (const auto& [id, e] : attempts_)
    // It is linked by a connection that we are about to take for proven, or is being dialled by another address.
    if (e.who.name == name && (e.is_dialled || said == verdict::alive))
      return {verdict::nok, "another connection with " + name + " goes on"};
  attempts_[a] = {peer.identity, true};
  return {verdict::ok};
}

bool doorkeeper::must_wait(attempt a, bool has_waited) const {
  auto me = attempts_.find(a);
  if (me == attempts_.end() || counts_more(me->second))
    return false;
  return std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& other) {
    return other.first != a && other.second.who.name == me->second.who.name && counts_more(other.second)
        && (other.second.is_shown || !has_waited || !me->second.is_dialled);
  });
}

void doorkeeper::shown(attempt a) {
  if (auto me = attempts_.find(a); me != attempts_.end())
    me->second.is_shown = true;
}

std::vector<doorkeeper::attempt> doorkeeper::proven(attempt a) {
  std::vector<attempt> losers;
  auto me = attempts_.find(a);
  if (me == attempts_.end())
    return losers;
  me->second.is_shown = me->second.is_proven = true;
  const auto& who = me->second.who;
  for (const auto& [id, e] : attempts_)
    if (id != a && e.who.name == who.name)
      losers.push_back(id);
  if (newest_.size() >= names_max && !newest_.contains(who.name))
    newest_.erase(std::min_element(newest_.begin(), newest_.end(),
                                   [](const auto& x, const auto& y) { return x.second.when < y.second.when; }));
  auto& n = newest_[who.name];
  n = {std::max(n.incarnation, who.incarnation), ++sightings_};
  return losers;
}

void doorkeeper::ban(std::string name, time_point until) {
  if (bans_.size() >= bans_max && !bans_.contains(name))
    bans_.erase(
        std::min_element(bans_.begin(), bans_.end(), [](const auto& x, const auto& y) { return x.second < y.second; }));
  bans_[std::move(name)] = until;
}

}  // namespace beamline::net
