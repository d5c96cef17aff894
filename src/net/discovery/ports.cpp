#include "net/discovery/ports.hpp"

#include <utility>

namespace beamline::net {

discovery_ports discovery_ports_of(links& net, resolver& names, event_loop& loop) {
  return {
      .dial = [&net](const endpoint& to, const expectation& who,
                     links::on_connect done) { net.connect(to, who, std::move(done)); },
      .disconnect = [&net](std::string_view node) { net.disconnect(node); },
      .hints = [&net](std::function<void(const std::vector<links::hint>&)> told) { net.on_hints(std::move(told)); },
      .names = &names,
      .loop = &loop,
  };
}

}  // namespace beamline::net
