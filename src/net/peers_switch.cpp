#include "net/peers_switch.hpp"

#include <utility>

namespace beamline::net {

void peers_switch::use(std::shared_ptr<peers> link) {
  std::lock_guard lock{mutex_};
  if (!link)
    link = nobody_;
  link_ = std::move(link);
}

std::shared_ptr<peers> peers_switch::current() const {
  std::lock_guard lock{mutex_};
  return link_;
}

result<void> peers_switch::send(std::string_view node, lane where, std::string_view service, bytes payload) {
  return current()->send(node, where, service, std::move(payload));
}

void peers_switch::register_service(std::string service, pid handler) {
  current()->register_service(std::move(service), std::move(handler));
}

std::vector<peer_info> peers_switch::subscribe_with_snapshot(pid subscriber, node_kinds which) {
  return current()->subscribe_with_snapshot(std::move(subscriber), which);
}

std::size_t peers_switch::unsubscribe(const pid& subscriber, node_kinds which) {
  return current()->unsubscribe(subscriber, which);
}

result<void> peers_switch::signal(const node_identity& to, std::uint64_t flow, bytes encoded) {
  return current()->signal(to, flow, std::move(encoded));
}

std::vector<peer_info> peers_switch::list(node_kinds which) const { return current()->list(which); }

}  // namespace beamline::net
