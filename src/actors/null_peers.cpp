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

result<void> null_peers::signal(const node_identity& to, std::uint64_t, bytes) { return alone(to.name); }

std::vector<peer_info> null_peers::subscribe_with_snapshot(pid, node_kinds) { return {}; }

std::size_t null_peers::unsubscribe(const pid&, node_kinds) { return 0; }

std::vector<peer_info> null_peers::list(node_kinds) const { return {}; }

}  // namespace beamline
