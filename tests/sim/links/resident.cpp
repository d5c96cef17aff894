#include "sim/links/resident.hpp"

#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "sim/links/events.hpp"
#include "sim/links/setup.hpp"

#include <memory>

namespace beamline::linked {

bool resident::begin(const std::string& name) {
  env().events().emit(looked_out{self().id()});
  for (const auto& p : env().peers().subscribe_with_snapshot(self()))
    up(p);
  return name.empty() || static_cast<bool>(register_as(name));
}

void resident::up(const peer_info& peer) {
  const auto& who = peer.identity;
  linked_[who.name] = who;
  env().events().emit(status_seen{self().id(), who.name, who.incarnation, peer.connection, true});
  met(who);
}

void resident::down(const peer_info& peer) {
  const auto& who = peer.identity;
  linked_.erase(who.name);
  env().events().emit(status_seen{self().id(), who.name, who.incarnation, peer.connection, false});
  lost(who);
}

void resident::keep(duration apart, std::function<void()> fn, std::function<void()> idle) {
  run_after(below(2 * apart * env().get<setup>().slowness),
            [this, apart, fn = std::move(fn), idle = std::move(idle)]() mutable {
              if (is_load_on()) {
                fn();
                keep(apart, std::move(fn), std::move(idle));
              } else if (idle) {
                idle();
                keep(idle_apart, std::move(fn), std::move(idle));
              }
            });
}

bool resident::is_load_on() const { return env().get<setup>().is_load_on; }

bool resident::is_at_rest() const { return env().get<setup>().is_at_rest; }

duration resident::below(duration d) {
  return duration{static_cast<duration::rep>(below(static_cast<std::uint64_t>(d.count())))};
}

const std::string& resident::some_node() {
  const auto& all = env().get<setup>().nodes;
  for (;;)
    if (const auto& name = all[below(all.size())]; name != env().self()->name)
      return name;
}

pid resident::called(const std::string& node, const std::string& name) {
  return {std::make_shared<const node_identity>(node_identity{node, 0}), name};
}

}  // namespace beamline::linked
