#include "sim/toy/presence.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"

#include <algorithm>

namespace beamline::toy {

behavior presence::init() {
  env().events().emit(presence_started{});
  own_.node = env().self()->name;
  own_.incarnation = env().self()->incarnation;
  change_own();
  env().peers().register_service("presence", self());
  cast(pid{env().self(), "monitor"}, follow{self()});
  run_after(gossip_every, [this] { gossip(); });
  return handlers([this](const arrive& m) { handle_arrive(m); }, [this](const depart& m) { handle_depart(m.member); },
                  [this](const peer_message& m) { handle_rolls(m); }, [this](const peer_up& m) { handle_up(m.peer); },
                  [this](const peer_down& m) { handle_down(m.peer); });
}

void presence::handle_arrive(const arrive& m) {
  if (members_.size() >= members_max)
    return;
  members_[m.member] = m.owner;
  if (!owners_.contains(m.owner))
    owners_[m.owner] = watch(m.owner, [this, owner = m.owner](const reason&) {
      owners_.erase(owner);
      std::erase_if(members_, [&](const auto& e) { return e.second == owner; });
      change_own();
    });
  change_own();
}

void presence::handle_depart(const std::string& member) {
  if (members_.erase(member) > 0)
    change_own();
}

// Versions grow over restarts of this process, too: time goes on meanwhile.
void presence::change_own() {
  own_.version = std::max(own_.version + 1, static_cast<std::uint64_t>(now().time_since_epoch().count()));
  own_.members.clear();
  for (const auto& [member, owner] : members_)
    own_.members.push_back(member);
  show(own_);
  for (const auto& [node, incarnation] : linked_)
    send(node, false, false);
}

void presence::handle_up(const node_identity& peer) {
  linked_[peer.name] = peer.incarnation;
  env().events().emit(presence_linked{peer.name, peer.incarnation});
  send(peer.name, true, true);
}

void presence::handle_down(const node_identity& peer) {
  linked_.erase(peer.name);
  if (others_.erase(peer.name) > 0)
    show(roll{peer.name, 0, 0, {}});
}

void presence::handle_rolls(const peer_message& m) {
  auto heard = decode<rolls>(m.payload);
  if (!heard)
    return;
  for (auto& r : heard->all)
    if (is_news(r))
      adopt(std::move(r));
  if (heard->wants_answer)
    send(m.from.name, true, false);
}

bool presence::is_news(const roll& r) const {
  auto link = linked_.find(r.node);
  if (r.node == own_.node || link == linked_.end() || link->second != r.incarnation)
    return false;
  auto known = others_.find(r.node);
  return known == others_.end() || known->second.incarnation < r.incarnation || known->second.version < r.version;
}

void presence::adopt(roll r) {
  auto& known = others_[r.node];
  known = std::move(r);
  show(known);
}

// One peer each time: what it learned goes on from there.
void presence::gossip() {
  if (!linked_.empty()) {
    auto i = linked_.begin();
    std::advance(i, static_cast<std::ptrdiff_t>(env().random().below(linked_.size())));
    send(i->first, true, false);
  }
  run_after(gossip_every, [this] { gossip(); });
}

void presence::send(const std::string& node, bool is_all, bool wants_answer) {
  rolls m{{own_}, wants_answer};
  if (is_all)
    for (const auto& [name, r] : others_)
      m.all.push_back(r);
  // What is lost is told again by gossip.
  (void)env().peers().send(node, lane::presence, "presence", encode(m));
}

void presence::show(const roll& r) {
  env().events().emit<present>([&] {
    text_.clear();
    for (const auto& m : r.members)
      text_ += m + ' ';
    return present{r.node, r.incarnation, r.version, text_};
  });
}

}  // namespace beamline::toy
