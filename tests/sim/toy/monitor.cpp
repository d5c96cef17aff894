#include "sim/toy/monitor.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"

namespace beamline::toy {

behavior monitor::init() {
  env().events().emit(monitor_started{});
  for (const auto& p : env().peers().subscribe_with_snapshot(self()))
    tell_up(p.identity);
  return handlers([this](const follow& m) { handle_follow(m.who); },
                  [this](const node_up& m) { tell_up(m.peer.identity); },
                  [this](const node_down& m) { handle_down(m.peer.identity); });
}

void monitor::handle_follow(const pid& who) {
  if (followers_.contains(who))
    return;
  followers_[who] = watch(who, [this, who](const reason&) { followers_.erase(who); });
  for (const auto& [name, peer] : up_)
    cast(who, peer_up{peer});
}

void monitor::tell_up(const node_identity& peer) {
  up_[peer.name] = peer;
  env().events().emit(came_up{peer.name, peer.incarnation});
  for (const auto& [who, w] : followers_)
    cast(who, peer_up{peer});
}

void monitor::handle_down(const node_identity& peer) {
  up_.erase(peer.name);
  env().events().emit(went_down{peer.name, peer.incarnation});
  for (const auto& [who, w] : followers_)
    cast(who, peer_down{peer});
}

}  // namespace beamline::toy
