#include "actors/peers.hpp"

namespace beamline {

namespace {

error alone(std::string_view node) {
  return {errc::unavailable, "not connected to " + std::string{node}
                                 + ": clustering is off on this node "
                                   "(set cluster.enabled or BEAMLINE_CLUSTER_ENABLED)"};
}

}  // namespace

result<void> null_peers::send(std::string_view node, lane, std::string_view, bytes) { return alone(node); }

void null_peers::register_service(std::string, pid) {}

std::vector<peer_info> null_peers::subscribe_with_snapshot(pid) { return {}; }

result<void> null_peers::route(const pid& to, bytes) { return alone(to.node().name); }

std::vector<peer_info> null_peers::list() const { return {}; }

}  // namespace beamline
