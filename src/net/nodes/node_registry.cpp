#include "net/nodes/node_registry.hpp"

#include "actors/prompt_sends.hpp"
#include "actors/remote_processes.hpp"
#include "base/log.hpp"
#include "base/planted.hpp"
#include "net/events.hpp"

#include <algorithm>

namespace beamline::net {

namespace {

bool is_of(const peer_info& peer, node_kinds which) {
  return which == node_kinds::all || peer.is_hidden == (which == node_kinds::hidden);
}

}  // namespace

// -- status events -----------------------------------------------------------------------------

template <class Event>
void node_registry::tell(const Event& event) {
  prompt_sends at_once;  // Under the lock that puts the events into their order.
  for (const auto& [subscription, count] : subscribers_)
    if (is_of(event.peer, subscription.second))
      for (std::size_t i = 0; i < count; ++i)
        node_.cast(subscription.first, Event{event});
}

std::size_t node_registry::up(const std::shared_ptr<live_link>& link, const peer_info& peer) {
  node_.env().remote().linked(peer.identity, link->disabled());
  std::size_t count = 0;
  {
    std::lock_guard lock{mutex_};
    decltype(linked_)::node_type late;
    if (planted::is_on(planted::bug::down_after_up))
      late = linked_.extract(peer.identity.name);
    linked_.insert_or_assign(peer.identity.name, entry{peer, link});
    tell(node_up{peer});
    if (late)
      tell(node_down{late.mapped().peer, std::string{down_reason::connection_closed}, {}});
    count = visible_locked();
  }
  node_.env().log().info("net", "node up",
                         {{"node", peer.identity.name},
                          {"incarnation", peer.identity.incarnation},
                          {"role", peer.role},
                          {"address", link->remote()},
                          {"connection", peer.connection}});
  node_.env().events().emit(link_changed{peer.identity.name, peer.identity.incarnation, peer.role, "up", {}, count});
  link->open();
  return count;
}

std::size_t node_registry::down(const peer_info& peer, std::string_view why, const std::string& detail) {
  if (!planted::is_on(planted::bug::down_before_rest))
    node_.env().remote().unlinked(peer.identity);  // Before node_down (D52).
  std::size_t count = 0;
  {
    std::lock_guard lock{mutex_};
    if (!planted::is_on(planted::bug::down_after_up)) {
      linked_.erase(peer.identity.name);
      tell(node_down{peer, std::string{why}, detail});
    }
    count = visible_locked();
  }
  if (planted::is_on(planted::bug::down_before_rest))
    node_.env().remote().unlinked(peer.identity);
  node_.env().log().info("net", "node down",
                         {{"node", peer.identity.name},
                          {"incarnation", peer.identity.incarnation},
                          {"why", why},
                          {"detail", detail},
                          {"connection", peer.connection}});
  node_.env().events().emit(link_changed{peer.identity.name, peer.identity.incarnation, peer.role, "down", why, count});
  return count;
}

void node_registry::forget_dead_subscribers() {
  std::erase_if(subscribers_, [&](const auto& s) {
    const auto& who = s.first.first;
    return !who.is_named() && !node_.processes().is_alive(who.id());
  });
}

std::vector<peer_info> node_registry::subscribe(pid subscriber, node_kinds which) {
  std::lock_guard lock{mutex_};
  forget_dead_subscribers();
  auto key = std::pair{std::move(subscriber), which};
  auto known = subscribers_.find(key);
  auto has = known == subscribers_.end() ? 0 : known->second;
  if (has >= status_subscriptions_each_max || (has == 0 && subscribers_.size() >= status_subscribers_max))
    node_.env().log().error("net", "a subscription to status events was refused: there are too many",
                            {{"process", to_string(key.first)}, {"its_own", has}, {"processes", subscribers_.size()}});
  else
    ++subscribers_[std::move(key)];
  return list_locked(which);
}

std::size_t node_registry::unsubscribe(const pid& subscriber, node_kinds which) {
  std::lock_guard lock{mutex_};
  auto known = subscribers_.extract({subscriber, which});
  return known ? known.mapped() : 0;
}

// -- lists ---------------------------------------------------------------------------------------

std::vector<peer_info> node_registry::list_locked(node_kinds which) const {
  std::vector<peer_info> all;
  for (const auto& [name, e] : linked_)
    if (is_of(e.peer, which))
      all.push_back(e.peer);
  return all;
}

std::size_t node_registry::visible_locked() const {
  return static_cast<std::size_t>(
      std::count_if(linked_.begin(), linked_.end(), [](const auto& l) { return !l.second.peer.is_hidden; }));
}

std::vector<peer_info> node_registry::list(node_kinds which) const {
  std::lock_guard lock{mutex_};
  return list_locked(which);
}

std::shared_ptr<live_link> node_registry::find(std::string_view node) const {
  std::lock_guard lock{mutex_};
  auto l = linked_.find(node);
  return l == linked_.end() ? nullptr : l->second.link;
}

std::vector<std::pair<peer_info, std::shared_ptr<live_link>>> node_registry::links() const {
  std::lock_guard lock{mutex_};
  std::vector<std::pair<peer_info, std::shared_ptr<live_link>>> all;
  for (const auto& [name, e] : linked_)
    all.emplace_back(e.peer, e.link);
  return all;
}

// -- messages --------------------------------------------------------------------------------------

void node_registry::register_service(std::string service, pid handler) {
  std::lock_guard lock{mutex_};
  if (service.size() > service_bytes_max || (services_.size() >= services_max && !services_.contains(service))) {
    node_.env().log().error("net", "a service was refused: its name is too long, or there are too many",
                            {{"service", service}, {"bytes_max", service_bytes_max}, {"services_max", services_max}});
    return;
  }
  services_.insert_or_assign(std::move(service), std::move(handler));
}

result<void> node_registry::pass_on(const peer_info& from, lane, const link_message& m) {
  if (m.what == link_message::kind::signal)
    return node_.env().remote().receive(from.identity, m.payload);
  pid handler;
  {
    std::lock_guard lock{mutex_};
    if (auto s = services_.find(m.service); s != services_.end())
      handler = s->second;
  }
  if (!handler)
    drop(from, m.service, "no process registered that service here");
  else
    node_.cast(handler, peer_message{from.identity, std::string{m.service}, bytes{m.payload}});
  return {};
}

void node_registry::drop(const peer_info& from, std::string_view service, std::string_view why) {
  node_.env().events().emit(peer_message_dropped{from.identity.name, service, why, ++dropped_});
  node_.env().log().debug("net", "message of a peer dropped",
                          {{"node", from.identity.name}, {"service", service}, {"why", why}});
}

}  // namespace beamline::net
