#include "net/interim_link_table.hpp"

#include "base/node_name.hpp"
#include "net/interim_events.hpp"

#include <algorithm>

namespace beamline::net {

namespace {

// What an envelope is charged beside its payload. It bounds the number of small ones that a peer may have
// under way, and with it the gate's mailbox: 4 MiB / 128 = 32,768 per peer.
constexpr std::uint64_t envelope_octets = 128;
// A receiver acknowledges in steps of this size; far below the window, so a sender never waits for a rest.
constexpr std::uint64_t ack_step = link_unacknowledged_bytes_max / 8;
// More different complaints than this are not remembered: the log may repeat itself then.
constexpr std::size_t noted_max = 1024;

std::uint64_t charge_of(std::string_view service, std::string_view payload) {
  return envelope_octets + service.size() + payload.size();
}

}  // namespace

link_table::link_table(node& n, std::string role) : node_{n}, role_{std::move(role)} {}

// -- peers -------------------------------------------------------------------------------

result<void> link_table::send(std::string_view node, lane where, std::string_view service, bytes payload) {
  if (payload.size() > link_payload_bytes_max)
    return error{errc::too_large, std::string{service} + ": a message of " + std::to_string(payload.size())
                                      + " bytes to " + std::string{node} + " is over the limit of "
                                      + std::to_string(link_payload_bytes_max) + "; send it in parts"};
  if (service.size() > link_service_bytes_max)
    return error{errc::too_large, "a service name of " + std::to_string(service.size()) + " bytes is over the limit of "
                                      + std::to_string(link_service_bytes_max)};
  std::lock_guard lock{mutex_};
  auto i = links_.find(std::string{node});
  if (i == links_.end())
    return error{errc::unavailable, std::string{node} + " is not linked with this node at the moment"};
  auto charge = charge_of(service, payload);
  auto& l = i->second;
  if (l.unacknowledged + charge > link_unacknowledged_bytes_max)
    return error{errc::busy, std::string{node} + " has " + std::to_string(l.unacknowledged)
                                 + " bytes waiting for its acknowledgement; try again later"};
  l.unacknowledged += charge;
  post(l.gate, {static_cast<std::uint8_t>(where), std::string{service}, std::move(payload)});
  return {};
}

void link_table::register_service(std::string service, pid handler) {
  std::lock_guard lock{mutex_};
  services_.insert_or_assign(std::move(service), std::move(handler));
}

std::vector<peer_info> link_table::subscribe_with_snapshot(pid subscriber) {
  std::lock_guard lock{mutex_};
  std::erase_if(subscribers_, [&](const pid& p) { return !p.is_named() && !node_.processes().find(p.id()); });
  if (subscribers_.size() < link_subscribers_max)
    subscribers_.insert(std::move(subscriber));
  else
    node_.env().log().error("net", "a subscriber to link events was refused: there are too many",
                            {{"process", to_string(subscriber)}, {"limit", link_subscribers_max}});
  std::vector<peer_info> linked;
  for (const auto& [name, l] : links_)
    linked.push_back(l.peer);
  return linked;
}

result<void> link_table::route(const pid& to, bytes) {
  return error{errc::unsupported, "messages to single processes of other nodes are not carried yet (" + to_string(to)
                                      + "); use a service, a procedure or a broadcast"};
}

std::vector<peer_info> link_table::list() const {
  std::lock_guard lock{mutex_};
  std::vector<peer_info> linked;
  for (const auto& [name, l] : links_)
    linked.push_back(l.peer);
  return linked;
}

// -- the gate's side -----------------------------------------------------------------------

void link_table::open(caf::strong_actor_ptr own_gate, std::string endpoint) {
  std::lock_guard lock{mutex_};
  if (is_closed_)
    return;
  own_gate_ = std::move(own_gate);
  own_endpoint_ = std::move(endpoint);
  for (const auto& [from, e] : std::exchange(early_, {}))
    handle_verb(from, e);
}

void link_table::greet(const caf::strong_actor_ptr& gate) {
  std::lock_guard lock{mutex_};
  say_hello(gate, true);
}

void link_table::receive(const caf::strong_actor_ptr& from, const link_envelope& e) {
  std::lock_guard lock{mutex_};
  if (is_closed_)
    return;
  if (!own_gate_) {
    if (e.where == link_verb && early_.size() < link_peers_max)
      early_.emplace_back(from, e);
    return;
  }
  if (e.where == link_verb)
    handle_verb(from, e);
  else if (auto l = find(from->address()); l != links_.end())
    handle_payload(l->second, e);
  else
    drop("", e.service, "its sender is not linked");
}

void link_table::lose(const caf::actor_addr& gate, const std::string& why) {
  std::lock_guard lock{mutex_};
  std::erase_if(early_, [&](const auto& e) { return e.first->address() == gate; });
  if (auto l = find(gate); l != links_.end())
    take_down(l, why);
}

void link_table::close(const std::string& why) {
  std::lock_guard lock{mutex_};
  is_closed_ = true;
  early_.clear();
  while (!links_.empty()) {
    post_verb(links_.begin()->second.gate, link_goodbye{why});
    take_down(links_.begin(), why);
  }
  own_gate_ = nullptr;  // A handle that outlives its actor system is a crash.
  services_.clear();
  subscribers_.clear();
}

bool link_table::is_linked(const caf::actor_addr& gate) const {
  std::lock_guard lock{mutex_};
  return std::any_of(links_.begin(), links_.end(), [&](const auto& l) { return l.second.gate->address() == gate; });
}

caf::actor_addr link_table::gate_at(const std::string& endpoint) const {
  std::lock_guard lock{mutex_};
  for (const auto& [name, l] : links_)
    if (l.endpoint == endpoint)
      return l.gate->address();
  return {};
}

// -- what arrives ----------------------------------------------------------------------------

void link_table::handle_verb(const caf::strong_actor_ptr& from, const link_envelope& e) {
  auto l = find(from->address());
  if (e.service == link_hello::message_name) {
    if (auto hello = decode<link_hello>(e.payload))
      handle_hello(from, *hello);
    else
      note_once("hello", hello.error().message);
  } else if (e.service == link_refused::message_name) {
    auto refused = decode<link_refused>(e.payload);
    note_once("refused by a peer", refused ? refused->why : refused.error().message);
  } else if (l == links_.end()) {
    drop("", e.service, "its sender is not linked");
  } else if (e.service == link_ack::message_name) {
    auto ack = decode<link_ack>(e.payload);
    if (ack && ack->octets <= l->second.unacknowledged) {
      l->second.unacknowledged -= ack->octets;
    } else {
      post_verb(from, link_goodbye{"acknowledged what was never sent"});
      take_down(l, "the peer acknowledged what was never sent");
    }
  } else if (e.service == link_goodbye::message_name) {
    auto goodbye = decode<link_goodbye>(e.payload);
    take_down(l, "the peer said goodbye: " + (goodbye ? goodbye->why : goodbye.error().message));
  } else {
    drop(l->first, e.service, "the verb is not known to this node");
  }
}

std::string link_table::objection_to(const caf::strong_actor_ptr& from, const link_hello& hello) const {
  if (hello.protocol != link_protocol)
    return "it speaks link protocol " + std::to_string(hello.protocol) + " and this node "
         + std::to_string(link_protocol) + "; run releases that are one step apart at most";
  if (auto name = node_name::parse(hello.node); !name)
    return name.error().message;
  if (hello.node == node_.identity()->name)
    return "it has this node's own name; node.name must differ on every node";
  node_identity said{hello.node, hello.incarnation};
  for (const auto& [name, l] : links_)
    if (l.gate->address() == from->address() && l.peer.identity != said)
      return "it is linked as " + name + " already; one gate is one run of one node";
  if (auto l = links_.find(hello.node); l != links_.end() && l->second.gate->address() != from->address()) {
    auto linked = l->second.peer.identity.incarnation;
    if (hello.incarnation <= linked)
      return "a run of it that is as new or newer is linked already (incarnation " + std::to_string(linked) + ", not "
           + std::to_string(hello.incarnation) + ")";
  } else if (l == links_.end() && links_.size() >= link_peers_max) {
    return "this node is linked with " + std::to_string(link_peers_max) + " others, which is the limit";
  }
  return {};
}

void link_table::handle_hello(const caf::strong_actor_ptr& from, const link_hello& hello) {
  if (auto why = objection_to(from, hello); !why.empty()) {
    note_once(hello.node, why);
    post_verb(from, link_refused{node_.identity()->name + " refuses " + hello.node + ": " + why});
    return;
  }
  auto l = links_.find(hello.node);
  bool is_linked = l != links_.end() && l->second.gate->address() == from->address();
  if (l != links_.end() && !is_linked) {
    post_verb(l->second.gate, link_goodbye{"a newer run took your place"});
    take_down(l, "a newer run of it took its place");
  }
  // First hello, then anything else: the other side takes nothing from a gate that did not say hello.
  if (hello.wants_answer)
    say_hello(from, false);
  if (!is_linked)
    bring_up(from, hello);
}

void link_table::handle_payload(link& l, const link_envelope& e) {
  l.received += charge_of(e.service, e.payload);
  if (l.received >= ack_step)
    post_verb(l.gate, link_ack{std::exchange(l.received, 0)});
  if (auto s = services_.find(e.service); s != services_.end())
    node_.cast(s->second, peer_message{l.peer.identity, e.service, e.payload});
  else
    drop(l.peer.identity.name, e.service, "no process registered that service here");
}

// -- effects -----------------------------------------------------------------------------------

void link_table::say_hello(const caf::strong_actor_ptr& gate, bool wants_answer) {
  const auto& me = *node_.identity();
  post_verb(gate, link_hello{link_protocol, me.name, me.incarnation, role_, own_endpoint_, wants_answer});
}

void link_table::bring_up(const caf::strong_actor_ptr& gate, const link_hello& hello) {
  peer_info peer{{hello.node, hello.incarnation}, hello.role};
  links_[hello.node] = link{peer, hello.endpoint, gate};
  node_.env().log().info("net", "linked",
                         {{"peer", hello.node}, {"incarnation", hello.incarnation}, {"role", hello.role}});
  node_.env().events().emit(link_changed{hello.node, hello.incarnation, hello.role, true, ""});
  tell(node_up{std::move(peer)});
}

void link_table::take_down(links::iterator l, const std::string& why) {
  auto peer = std::move(l->second.peer);
  links_.erase(l);
  node_.env().log().warn("net", "link lost",
                         {{"peer", peer.identity.name}, {"incarnation", peer.identity.incarnation}, {"why", why}});
  node_.env().events().emit(link_changed{peer.identity.name, peer.identity.incarnation, peer.role, false, why});
  tell(node_down{std::move(peer), why});
}

void link_table::drop(std::string_view node, std::string_view service, std::string_view why) {
  ++dropped_;
  node_.env().events().emit(peer_message_dropped{node, service, why, dropped_});
  node_.env().log().write(drop_log_, log_level::warn, "net", "message of a peer dropped",
                          {{"peer", node}, {"service", service}, {"why", why}});
}

void link_table::note_once(const std::string& topic, const std::string& why) {
  if (noted_.size() >= noted_max)
    noted_.clear();
  if (noted_.insert(topic + ": " + why).second)
    node_.env().log().warn("net", "link refused", {{"peer", topic}, {"why", why}});
}

void link_table::post(const caf::strong_actor_ptr& gate, link_envelope e) {
  if (own_gate_)
    gate->enqueue(own_gate_, caf::make_message_id(), share(std::move(e)), nullptr);
}

link_table::links::iterator link_table::find(const caf::actor_addr& gate) {
  return std::find_if(links_.begin(), links_.end(), [&](const auto& l) { return l.second.gate->address() == gate; });
}

}  // namespace beamline::net
