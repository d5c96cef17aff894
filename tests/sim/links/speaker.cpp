#include "sim/links/speaker.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

namespace beamline::linked {

behavior speaker::init() {
  keep(16ms, [this] { speak(); });
  return reside("speaker", [this](const greeting& m) {
    auto& all = known_[m.who.node().name];
    all.push_back({m.who, ++streams_});
    if (all.size() > pids_known_max)
      all.pop_front();
  });
}

void speaker::speak() {
  const auto& node = some_node();
  for (const auto& a : known_[node])
    say(a);
  auto& name = named_[node];
  if (!name.who)
    name = {called(node, "witness"), ++streams_};
  say(name);
  auto& service = services_[node];
  if (!service.who)
    service = {called(node, "witness"), ++streams_};
  (void)env().peers().send(node, lane::rpc, "witness", encode(next(node, service)));
}

void speaker::say(const address& to) { cast(to.who, next(to.who.node().name, to)); }

numbered speaker::next(const std::string& node, const address& to) {
  auto number = ++last_[to.stream];
  env().events().emit(said{self().id(), node, to.stream, number});
  return {self(), to.who, to.stream, number, std::string(below(8) == 0 ? below(padding_max) : 0, '.')};
}

}  // namespace beamline::linked
