#include "sim/links/witness.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

namespace beamline::linked {

behavior witness::init() {
  env().peers().register_service("witness", self());
  return reside(
      "witness", [this](const numbered& m) { handle(m); },
      [this](const question& q) {
        env().events().emit(served{self().id(), q.asker.node().incarnation, q.asker.id(), q.number});
        return q.number;
      },
      [this](const peer_message& m) {
        if (auto n = decode<numbered>(m.payload))
          handle(*n);
      });
}

void witness::met(const node_identity& who) {
  for (const auto* name : {"speaker", "mourner", "asker"})
    cast(called(who.name, name), greeting{self()});
}

void witness::handle(const numbered& m) {
  const auto& by = m.from.node();
  env().events().emit(
      heard{self().id(), by.name, by.incarnation, m.from.id(), m.stream, m.number, m.to.id(), m.to.node().incarnation});
}

}  // namespace beamline::linked
