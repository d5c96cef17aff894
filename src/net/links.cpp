#include "net/links.hpp"

#include "base/node_name.hpp"
#include "net/nodes/meeting_place.hpp"

#include <utility>

namespace beamline::net {

namespace {

error not_linked(std::string_view node) {
  return {errc::unavailable, std::string{node} + " is not linked with this node at the moment"};
}

/// Which messages have to stay in order: those of one service. Process ids are the other flows; they are smaller.
std::uint64_t flow_of(std::string_view service) {
  std::uint64_t hash = 14695981039346656037U;
  for (char c : service)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash | 1ULL << 63;
}

result<void> check(const links_options& o) {
  if (o.keys.current.secret.size() < key_octets_min)
    return error{errc::invalid, "the cookie has " + std::to_string(o.keys.current.secret.size())
                                    + " octets, expected at least " + std::to_string(key_octets_min)
                                    + "; make one with: beamline cookie new"};
  return {};
}

}  // namespace

result<std::unique_ptr<links>> links::start(node& n, event_loop& loop, byte_network& network, carriers& over,
                                            links_options o) {
  if (auto name = node_name::parse(n.identity()->name); !name)
    return name.error().in("node.name");
  if (auto fine = check(o); !fine)
    return fine.error();
  auto at = std::make_shared<meeting_place>(n, loop, network, over, std::move(o));
  if (auto done = at->listen(); !done)
    return done.error();
  return std::unique_ptr<links>{new links{std::move(at)}};
}

links::~links() { close(); }

void links::begin() {
  at_->post([](meeting_place& m) { m.begin(); });
}

void links::close(std::function<void()> finished) {
  at_->post([told = std::move(finished)](meeting_place& m) { m.close(told); });
}

std::optional<endpoint> links::listens_at() const { return at_->listens_at(); }

const node_card& links::card() const { return at_->card(); }

// -- nodes -------------------------------------------------------------------------------------

void links::connect(const endpoint& to, const expectation& who, on_connect tell) {
  at_->post([to, who, tell = std::move(tell)](meeting_place& m) { m.connect(to, who, tell); });
}

bool links::disconnect(std::string_view name) {
  if (!at_->registry().find(name))
    return false;
  at_->post([who = std::string{name}](meeting_place& m) { m.disconnect(who, down_reason::disconnect, {}); });
  return true;
}

void links::ban(std::string_view name, duration lasts) {
  at_->post([who = std::string{name}, lasts](meeting_place& m) { m.ban(who, lasts); });
}

void links::use_keys(keyring keys) {
  at_->post([keys = std::move(keys)](meeting_place& m) { m.use_keys(keys); });
}

void links::on_hints(std::function<void(const std::vector<hint>&)> told) {
  at_->post([told = std::move(told)](meeting_place& m) { m.on_hints(told); });
}

std::vector<link_stats> links::stats() const { return at_->stats(); }

// -- peers -------------------------------------------------------------------------------------

result<void> links::send(std::string_view node, lane where, std::string_view service, bytes payload) {
  if (service.empty() || service.size() > service_bytes_max)
    return error{errc::too_large, "a service name of " + std::to_string(service.size()) + " bytes, expected 1 to "
                                      + std::to_string(service_bytes_max)};
  auto link = at_->registry().find(node);
  if (!link)
    return not_linked(node);
  return link->push(where, flow_of(service), {link_message::kind::service, service, {}}, std::move(payload));
}

void links::register_service(std::string service, pid handler) {
  at_->registry().register_service(std::move(service), std::move(handler));
}

result<void> links::signal(const node_identity& to, std::uint64_t flow, bytes encoded) {
  auto link = at_->registry().find(to.name);
  if (!link)
    return not_linked(to.name);
  if (auto runs = link->about().peer.identity.incarnation; to.incarnation != 0 && to.incarnation != runs)
    return error{errc::not_found, to.name + " runs as " + std::to_string(runs) + "; its run "
                                      + std::to_string(to.incarnation) + " is over"};
  return link->push(lane::rpc, flow, {link_message::kind::signal, {}, {}}, std::move(encoded));
}

std::vector<peer_info> links::subscribe_with_snapshot(pid subscriber, node_kinds which) {
  return at_->registry().subscribe(std::move(subscriber), which);
}

std::size_t links::unsubscribe(const pid& subscriber, node_kinds which) {
  return at_->registry().unsubscribe(subscriber, which);
}

std::vector<peer_info> links::list(node_kinds which) const { return at_->registry().list(which); }

}  // namespace beamline::net
