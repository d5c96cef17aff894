// How a meeting_place makes links of attempts, and ends them.

#include "net/nodes/meeting_place.hpp"

#include "base/cluster_options.hpp"
#include "base/log.hpp"
#include "base/node_name.hpp"
#include "net/events.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

namespace {

/// Where a peer can be dialled. One that listens on all its addresses cannot know which of them others reach; that is
/// the one its link comes from, or leads to.
std::string endpoint_of(const node_card& peer, const endpoint& far_end) {
  auto said = parse_endpoint(peer.endpoint);
  if (!said)
    return peer.endpoint;
  auto host = canonical_host(said->host);
  return host && (*host == "0.0.0.0" || *host == "::") ? to_string({far_end.host, said->port}) : peer.endpoint;
}

/// Whether it is on this machine, for all that those on others can make of it.
bool is_on_loopback(const std::string& text) {
  auto e = parse_endpoint(text);
  return e && is_loopback_host(e->host);
}

}  // namespace

// -- attempts that become links ----------------------------------------------------------------------

/// What has come up against it since it said who it is; empty: nothing.
std::string meeting_place::object_late(const attempt& a) const {
  const auto& name = a.peer()->identity.name;
  if (options_.keys.find(a.key_id(), name) == nullptr)
    return "key id \"" + a.key_id() + "\" counts no more";
  return doorkeeper_.object(*a.peer(), node_.env().time().now()).why;
}

void meeting_place::handle_proven(std::uint64_t id) {
  auto a = attempts_.at(id);
  if (auto why = object_late(*a); !why.empty()) {
    a->set_objection(why);
    a->give_up();
    return handle_failed(id, {connect_outcome::kind::refused, a->peer()->identity.name, why});
  }
  attempts_.erase(id);
  auto losers = doorkeeper_.proven(id);
  auto now = node_.env().time().now();
  for (auto l : losers) {
    over(l);
    if (auto lost = attempts_.extract(l)) {
      auto& other = *lost.mapped();
      a->waiters.insert(a->waiters.end(), other.waiters.begin(), other.waiters.end());
      if (other.about().side == link_side::acceptor)
        door_of(other.about().address).left(other.about().address, admission::outcome::harmless, now);
      other.give_up();
    }
    auto o = std::find_if(opening_.begin(), opening_.end(), [&](const auto& x) { return x.second.attempt == l; });
    if (o != opening_.end()) {
      auto waiters = std::move(o->second.waiters);
      a->waiters.insert(a->waiters.end(), waiters.begin(), waiters.end());
      drop_opening(o->first, {});
    }
  }
  if (a->about().side == link_side::acceptor)
    door_of(a->about().address).left(a->about().address, admission::outcome::authenticated, now);
  const auto& who = a->peer()->identity;
  // CAF must not hold two streams of one node, so the old one goes before the new one is offered to it (D9, D27).
  if (auto old = up_.find(who.name); old != up_.end())
    take_down(who.name, old->second.peer.identity == who ? down_reason::replaced : down_reason::stale_incarnation, {});
  open_link(a);
}

void meeting_place::open_link(const std::shared_ptr<attempt>& from) {
  live_link::options o;
  o.self = card_;
  o.peer = *from->peer();
  o.connection = ++last_id_;
  o.session = from->session();
  o.key_id = from->key_id();
  o.protocol = from->protocol();
  o.side = from->about().side;
  o.lanes = options_.lanes;
  o.tick_intensity = options_.tick_intensity;
  o.setup_time = options_.setup_time;
  peer_info peer{o.peer.identity, o.peer.role, o.peer.version, o.connection, o.peer.is_hidden};
  live_link::events e;
  e.ready = [this, id = o.connection] { handle_ready(id); };
  e.lost = [this, id = o.connection](std::string_view why, const std::string& d) { handle_lost(id, why, d); };
  e.closed = [this, id = o.connection] {
    closing_.erase(id);
    if (is_closed_ && closing_.empty())
      for (auto& tell : std::exchange(finished_, {}))
        tell();
  };
  e.neighbours = [this](const std::vector<control::neighbour>& known) { hear_neighbours(known); };
  e.message = [this, peer](lane where, const link_message& m) { return registry_.pass_on(peer, where, m); };
  e.overflow = [this, name = peer.identity.name](lane where, const gate::pushed& p) {
    auto is_dropped = p.what == gate::pushed::fate::queued;
    node_.env().events().emit(lane_overflow{name, to_string(where),
                                            is_dropped                               ? "dropped_oldest"
                                            : p.what == gate::pushed::fate::overflow ? "link_closed"
                                                                                     : "busy",
                                            is_dropped ? p.dropped : 1});
  };
  auto taken = from->take();
  o.peer.endpoint = endpoint_of(o.peer, taken.wire->remote());
  auto id = o.connection;
  auto link = std::make_shared<live_link>(node_.env(), loop_, std::move(taken.wire), std::move(taken.frames),
                                          std::move(o), std::move(e));
  opening_[id] = {link, from->about().id, std::move(from->waiters)};
  link->begin(carriers_);
}

void meeting_place::handle_ready(std::uint64_t connection) {
  auto opening = std::move(opening_.extract(connection).mapped());
  over(opening.attempt);
  const auto& about = opening.link->about();
  peer_info peer{about.peer.identity, about.peer.role, about.peer.version, connection, about.peer.is_hidden};
  doorkeeper_.up(peer.identity);
  auto& now_up = up_[peer.identity.name] = {opening.link, peer, node_.env().time().now()};
  registry_.up(opening.link, peer);
  answer(opening.waiters, {connect_outcome::kind::connected, peer.identity.name, {}});
  keep_promise(peer.identity.name, {connect_outcome::kind::connected, peer.identity.name, {}});
  tell_neighbours(now_up);
  go_on_all();
}

void meeting_place::drop_opening(std::uint64_t connection, const connect_outcome& o) {
  auto opening = std::move(opening_.extract(connection).mapped());
  over(opening.attempt);
  end_link(opening.link, down_reason::connection_closed, o.detail);
  answer(opening.waiters, o);
}

/// Proven, and not up yet: those may not become links any more.
void meeting_place::drop_openings(const std::function<bool(const live_link::options&)>& which, const std::string& why) {
  std::vector<std::uint64_t> gone;
  for (const auto& [connection, o] : opening_)
    if (which(o.link->about()))
      gone.push_back(connection);
  for (auto connection : gone) {
    auto name = opening_.at(connection).link->about().peer.identity.name;
    drop_opening(connection, {connect_outcome::kind::refused, name, why});
  }
  if (!gone.empty())
    go_on_all();
}

// -- links that end ------------------------------------------------------------------------------------

void meeting_place::handle_lost(std::uint64_t connection, std::string_view why, const std::string& detail) {
  if (auto o = opening_.find(connection); o != opening_.end()) {
    const auto& name = o->second.link->about().peer.identity.name;
    node_.env().log().warn("net", "a link did not come up", {{"node", name}, {"why", why}, {"detail", detail}});
    drop_opening(connection, {connect_outcome::kind::unreachable, name, detail});
    return go_on_all();
  }
  for (const auto& [name, l] : up_)
    if (l.peer.connection == connection)
      return take_down(std::string{name}, why, detail);
}

void meeting_place::take_down(const std::string& name, std::string_view why, const std::string& detail) {
  auto gone = std::move(up_.extract(name).mapped());
  end_link(gone.link, why, detail);
  doorkeeper_.down(name);
  registry_.down(gone.peer, why, detail);
}

void meeting_place::end_link(const std::shared_ptr<live_link>& link, std::string_view why, const std::string& detail) {
  if (link->end(why, detail))
    closing_[link->about().connection] = link;
}

void meeting_place::disconnect(const std::string& name, std::string_view why, const std::string& detail) {
  if (up_.contains(name))
    take_down(name, why, detail);
}

void meeting_place::ban(const std::string& name, duration lasts) {
  doorkeeper_.ban(name, node_.env().time().now() + lasts);
  drop_openings([&](const live_link::options& o) { return o.peer.identity.name == name; }, name + " is banned");
  disconnect(name, down_reason::disconnect, "banned");
}

void meeting_place::use_keys(keyring keys) {
  options_.keys = std::move(keys);
  drop_openings(
      [&](const live_link::options& o) { return options_.keys.find(o.key_id, o.peer.identity.name) == nullptr; },
      "its key counts no more");
  std::vector<std::string> revoked;
  for (const auto& [name, l] : up_)
    if (options_.keys.find(l.link->about().key_id, name) == nullptr)
      revoked.push_back(name);
  for (const auto& name : revoked)
    disconnect(name, down_reason::auth_revoked, "its key counts no more");
}

void meeting_place::close(std::function<void()> finished) {
  if (!is_closed_) {
    is_closed_ = true;
    accept_timer_.cancel();
    acceptor_.reset();
    for (auto& [id, a] : std::exchange(attempts_, {})) {
      a->give_up();
      over(id);
      answer(a->waiters, {connect_outcome::kind::stopped, {}, "the links of this node end"});
    }
    while (!opening_.empty())
      drop_opening(opening_.begin()->first, {connect_outcome::kind::stopped, {}, "the links of this node end"});
    while (!promises_.empty())
      keep_promise(std::string{promises_.begin()->first},
                   {connect_outcome::kind::stopped, {}, "the links of this node end"});
    while (!up_.empty())
      take_down(std::string{up_.begin()->first}, down_reason::stopped, "the node stops");
  }
  if (!finished)
    return;
  if (closing_.empty())
    finished();
  else
    finished_.push_back(std::move(finished));
}

// -- mesh --------------------------------------------------------------------------------------------------

void meeting_place::tell_neighbours(const up_link& to) {
  if (to.peer.is_hidden || card_.is_hidden)
    return;
  std::vector<control::neighbour> known;
  bool is_elsewhere = !is_on_loopback(to.link->remote());  // There, this machine's loopback means another machine.
  for (const auto& [name, l] : up_) {
    const auto& about = l.link->about().peer;
    if (name != to.peer.identity.name && !l.peer.is_hidden && !about.endpoint.empty()
        && !(is_elsewhere && is_on_loopback(about.endpoint)))
      known.push_back({name, about.endpoint, about.role});
  }
  to.link->tell_neighbours(known);
}

void meeting_place::hear_neighbours(const std::vector<control::neighbour>& known) {
  std::vector<links::hint> news;
  for (const auto& n : known)
    if (n.name != card_.identity.name && !up_.contains(n.name) && options_.mesh != mesh_mode::none
        && (options_.mesh == mesh_mode::all || n.role == card_.role))
      news.push_back({n.name, n.endpoint, n.role});
  if (!news.empty() && hints_)
    hints_(news);
}

// -- what is known ---------------------------------------------------------------------------------------

std::vector<link_stats> meeting_place::stats() const {
  std::vector<link_stats> all;
  auto now = node_.env().time().now();
  for (const auto& [peer, link] : registry_.links()) {
    const auto& about = link->about();
    all.push_back({peer, link->remote(), about.side == link_side::dialler, about.key_id, about.protocol,
                   now - link->up_since(), link->latency(), link->wire_octets_in(), link->wire_octets_out(),
                   link->count(), link->disabled()});
  }
  return all;
}

}  // namespace beamline::net
