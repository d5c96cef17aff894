#include "sim/toy/pubsub.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"

namespace beamline::toy {

behavior pubsub::init() {
  last_.generation = env().random().next();
  env().peers().register_service("pubsub", self());
  return handlers(
      [this](const publish&) {
        ++last_.number;
        for (const auto& p : env().peers().list())
          send(p.identity.name);
      },
      [this](const peer_message& m) {
        if (auto p = decode<post>(m.payload))
          env().events().emit(received_post{m.from.name, p->generation, p->number});
      });
}

// Best effort: who is not linked any more, or whose lane is full, misses it.
void pubsub::send(const std::string& node) const {
  (void)env().peers().send(node, lane::broadcast, "pubsub", encode(last_));
}

}  // namespace beamline::toy
