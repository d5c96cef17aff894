#include "net/nodes/meeting_place.hpp"

#include "actors/message_contract.hpp"
#include "base/cluster_options.hpp"
#include "base/log.hpp"
#include "base/node_name.hpp"
#include "net/events.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

namespace {

// After an accept that failed (no file descriptors left) the next one is tried this much later.
constexpr duration accept_pause = 100ms;
// Who was let in and says nothing for so long may be shown out when others wait.
constexpr duration silence_at_the_door = 250ms;
// Who said who it is, and has not proven it after so long, too; and a dial waits no longer for who says to be its node:
// more than twice what nodes of two continents need.
constexpr duration hesitation_at_the_door = 1s;

/// An acceptor's failure that is nobody's fault: the connection lost to another one of the same two nodes, or this node
/// dialled itself.
bool is_harmless(const std::optional<handshake_failure>& f) {
  return f
      && (f->told == verdict::nok || f->told == verdict::self
          || (f->what == handshake_failure::kind::refused && !f->told));
}

/// What the end of an accepted one means for its address. Who fails to prove itself is made to wait. Who did prove it,
/// and then was lost, is not, nor who is slow: two nodes that dialled each other through a bad line would refuse each
/// other long after it is good again. How many may be slow is limited by the door.
admission::outcome outcome_of(const attempt& a) {
  bool is_slow = a.is_late() && a.peer() != nullptr;
  return a.is_shown() || is_slow || is_harmless(a.failure()) ? admission::outcome::harmless
                                                             : admission::outcome::failed;
}

admission::limits for_this_machine(admission::limits l) {
  l.connections_per_address_max = 0;
  return l;
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace

meeting_place::meeting_place(node& n, event_loop& loop, byte_network& network, carriers& over, links_options o)
    : node_{n},
      loop_{loop},
      network_{network},
      carriers_{over},
      options_{std::move(o)},
      card_{*n.identity(),      options_.role,      options_.version,   options_.cluster,
            options_.advertise, options_.is_hidden, options_.tick_time, n.env().contract().hash()},
      registry_{n},
      doorkeeper_{{card_, options_.allow, options_.peers_max}},
      strangers_{options_.strangers},
      locals_{for_this_machine(options_.strangers)},
      accept_timer_{n.env(), loop} {}

meeting_place::~meeting_place() = default;

void meeting_place::post(std::function<void(meeting_place&)> fn) {
  loop_.post([weak = weak_from_this(), fn = std::move(fn)] {
    if (auto self = weak.lock())
      fn(*self);
  });
}

// -- who comes -----------------------------------------------------------------------------

result<void> meeting_place::listen() {
  if (!options_.listen)
    return {};
  auto opened = network_.listen(*options_.listen);
  if (!opened)
    return opened.error().in("cluster.bind");
  acceptor_ = std::move(*opened);
  listens_at_ = acceptor_->local();
  if (card_.endpoint.empty())
    card_.endpoint = to_string(*listens_at_);
  doorkeeper_ = doorkeeper{{card_, options_.allow, options_.peers_max}};
  return {};
}

void meeting_place::begin() {
  if (is_begun_ || is_closed_)
    return;
  is_begun_ = true;
  if (acceptor_)
    accept();
}

void meeting_place::accept() {
  acceptor_->accept([weak = weak_from_this()](result<std::unique_ptr<byte_stream>> stream) {
    auto self = weak.lock();
    if (!self || self->is_closed_)
      return;
    if (stream) {
      self->welcome(std::move(*stream));
      return self->accept();
    }
    self->node_.env().log().warn("net", "a connection could not be accepted", {{"why", stream.error().message}});
    self->accept_timer_.arm(self->node_.env().time().now() + accept_pause, [self = self.get()] { self->accept(); });
  });
}

void meeting_place::welcome(std::unique_ptr<byte_stream> stream) {
  auto address = stream->remote().host;
  auto now = node_.env().time().now();
  auto refused = door_of(address).enter(address, now);
  if (!refused.empty() && !door_of(address).is_closed(address, now) && make_room(now))
    refused = door_of(address).enter(address, now);
  if (!refused.empty()) {
    note_stranger(address, {connect_outcome::kind::refused, {}, std::string{refused}}, {});
    return stream->close();
  }
  attempt::options o;
  o.side = link_side::acceptor;
  o.address = std::move(address);
  make_attempt(std::move(o))->accept(std::move(stream));
}

admission& meeting_place::door_of(const std::string& address) { return is_loopback(address) ? locals_ : strangers_; }

/// Ends the oldest of those who came in and take their time to say who they are, or to prove it: whoever opens
/// connections, and knows no cookie, keeps no others out for long (SY5). Who waits for us is left alone.
bool meeting_place::make_room(time_point now) {
  for (const auto& [id, a] : attempts_) {
    auto patience = a->peer() == nullptr ? silence_at_the_door : hesitation_at_the_door;
    if (a->about().side != link_side::acceptor || now - a->began() < patience || doorkeeper_.must_wait(id))
      continue;
    auto idle = a;
    idle->give_up();
    idle->set_late();  // A slow one is not made to wait for what others do.
    handle_failed(id, {connect_outcome::kind::unreachable, idle->peer() == nullptr ? "" : idle->peer()->identity.name,
                       "it went no further while others waited"});
    return true;
  }
  return false;
}

void meeting_place::connect(const endpoint& to, const expectation& who, links::on_connect tell) {
  std::vector<links::on_connect> one{std::move(tell)};
  if (is_closed_ || !is_begun_)
    return answer(one, {connect_outcome::kind::stopped, who.name, "the links of this node are not open"});
  if (listens_at_ && (to == *listens_at_ || to_string(to) == card_.endpoint))
    return answer(one, {connect_outcome::kind::self, card_.identity.name, {}});
  for (const auto& [name, l] : up_)
    if (name == who.name || l.link->about().peer.endpoint == to_string(to))
      return answer(one, {connect_outcome::kind::already, name, {}});
  if (auto why = is_ip_address(to.host) ? object_to_dialling(to) : std::string{}; !why.empty()) {
    node_.env().events().emit(connect_failed{who.name, to_string(to), why, true});
    return answer(one, {connect_outcome::kind::insecure, who.name, why});
  }
  for (const auto& [id, a] : attempts_)
    if (a->about().side == link_side::dialler && a->about().to == to) {
      a->waiters.push_back(std::move(one.front()));  // D29
      return;
    }
  attempt::options o;
  o.side = link_side::dialler;
  o.to = to;
  o.who = who;
  auto a = make_attempt(std::move(o));
  a->waiters = std::move(one);
  a->dial(network_);
}

/// Why not; empty: it may be dialled. Whoever proposes it, and whatever the configuration said at start (D25). Of a
/// name it is asked when it is known where that leads, before anything is said there.
std::string meeting_place::object_to_dialling(const endpoint& to) const {
  if (is_loopback_host(to.host))
    return {};
  if (options_.keys.has_known_to_all())
    return "it is not on this machine alone, and this node has the development cookie, which everybody knows; make one "
           "of your own with `beamline cookie new`";
  if (!options_.needs_certificates && !options_.allow_insecure)
    return "it is not on this machine alone, and there is no TLS; give cluster.tls_certificate, tls_key and tls_ca "
           "(operating/tls.md), or set cluster.allow_insecure";
  return {};
}

std::shared_ptr<attempt> meeting_place::make_attempt(attempt::options o) {
  o.id = ++last_id_;
  o.needs_certificate = options_.needs_certificates;
  o.self = card_;
  o.keys = &options_.keys;
  o.protocol_max = options_.protocol_max;
  o.setup_time = options_.setup_time;
  o.patience = std::min<duration>(hesitation_at_the_door, options_.setup_time / 4);
  attempt::events e;
  e.judge = [this, id = o.id](const node_card& claimed, verdict said) { return judge(id, claimed, said); };
  e.must_wait = [this, id = o.id](bool has_waited) { return doorkeeper_.must_wait(id, has_waited); };
  e.shown = [this, id = o.id] { doorkeeper_.shown(id); };
  e.proven = [this, id = o.id] { handle_proven(id); };
  e.object = [this](const endpoint& far_end) { return object_to_dialling(far_end); };
  e.failed = [this, id = o.id](const connect_outcome& out) { handle_failed(id, out); };
  auto id = o.id;
  return attempts_[id] = std::make_shared<attempt>(node_.env(), loop_, std::move(o), std::move(e));
}

verdict meeting_place::judge(std::uint64_t id, const node_card& claimed, verdict said) {
  const auto& a = attempts_.at(id);
  auto now = node_.env().time().now();
  auto answer = a->about().side == link_side::acceptor ? doorkeeper_.judge_claim(id, claimed, now)
                                                       : doorkeeper_.judge_answer(id, claimed, said, now);
  a->set_objection(answer.why);
  return answer.what;
}

// -- attempts that come to nothing -----------------------------------------------------------------

void meeting_place::handle_failed(std::uint64_t id, const connect_outcome& o) {
  auto a = attempts_.extract(id).mapped();
  const auto& about = a->about();
  over(id);
  auto told = o;
  if (!a->objection().empty())
    told.detail = a->objection();
  if (about.side == link_side::acceptor) {
    door_of(about.address).left(about.address, outcome_of(*a), node_.env().time().now());
    if (!is_harmless(a->failure()))
      note_stranger(about.address, o, a->objection());
  } else {
    node_.env().events().emit(connect_failed{told.peer, to_string(about.to), told.detail, true});
  }
  // An accepted one may have them, too: of a dial of this node that ended in its favour.
  if (up_.contains(o.peer))
    told.what = connect_outcome::kind::already;
  else if (!a->waiters.empty() && !join_other(o.peer, a->waiters, told) && a->failure()
           && a->failure()->told == verdict::nok)
    wait_for_dial_of(o.peer, a->waiters, told);
  answer(a->waiters, told);
  go_on_all();
}

/// Another connection with that node goes on: who asked for this one gets its answer.
bool meeting_place::join_other(const std::string& name, std::vector<links::on_connect>& waiters,
                               const connect_outcome& otherwise) {
  auto move_to = [&](std::vector<links::on_connect>& theirs) {
    theirs.insert(theirs.end(), waiters.begin(), waiters.end());
    waiters.clear();
    return true;
  };
  for (auto& [id, o] : opening_)
    if (o.link->about().peer.identity.name == name)
      return move_to(o.waiters);
  bool may_come = false;
  for (auto& [id, a] : attempts_) {
    if (name.empty() || a->peer() == nullptr || a->peer()->identity.name != name)
      continue;
    if (a->about().side == link_side::dialler)
      return move_to(a->waiters);
    may_come = true;
  }
  // Whoever came in says so, and may be anybody: it is waited for once, not for as long as others come and say so.
  if (may_come)
    wait_for_dial_of(name, waiters, otherwise);
  return may_come;
}

void meeting_place::wait_for_dial_of(const std::string& name, std::vector<links::on_connect>& waiters,
                                     const connect_outcome& o) {
  auto& p = promises_[name];
  p.waiters.insert(p.waiters.end(), waiters.begin(), waiters.end());
  waiters.clear();
  p.otherwise = o;
  if (p.timer)
    return;  // Who waits longest says how long.
  p.timer = std::make_unique<loop_timer>(node_.env(), loop_);
  p.timer->arm(node_.env().time().now() + options_.setup_time, [this, name] {
    auto otherwise = promises_.at(name).otherwise;
    keep_promise(name, otherwise);
  });
}

void meeting_place::keep_promise(const std::string& name, const connect_outcome& o) {
  if (auto p = promises_.extract(name))
    answer(p.mapped().waiters, o);
}

void meeting_place::note_stranger(const std::string& address, const connect_outcome& o, const std::string& objection) {
  const auto& why = objection.empty() ? o.detail : objection;
  node_.env().events().emit(connect_failed{o.peer, address, why, false});
  auto decision = door_of(address).note_failure(address, node_.env().time().now());
  if (decision.is_to_be_logged)
    node_.env().log().warn(
        "net", "a connection was refused",
        {{"node", o.peer}, {"address", address}, {"why", why}, {"not_logged_before", decision.silent_before}});
}

void meeting_place::over(std::uint64_t id) { doorkeeper_.over(id); }

/// Those that waited for one that is over.
void meeting_place::go_on_all() {
  auto all = attempts_;
  for (const auto& [id, a] : all)
    a->go_on();
}

void meeting_place::answer(std::vector<links::on_connect>& waiters, const connect_outcome& o) {
  for (auto& tell : std::exchange(waiters, {}))
    if (tell)
      tell(o);
}

}  // namespace beamline::net
