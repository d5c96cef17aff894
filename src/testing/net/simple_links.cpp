#include "testing/net/simple_links.hpp"

#include "base/log.hpp"
#include "net/byte_stream.hpp"
#include "net/interim_events.hpp"
#include "testing/net/link_session.hpp"
#include "testing/net/simulated_network.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace beamline::testing {

namespace {

using session_ptr = std::shared_ptr<link_session>;

// A service name, its length and that of the payload, and what else a frame adds, fit into this.
constexpr std::size_t frame_extra_bytes_max = 1024;

}  // namespace

struct simple_links::state {
  /// A peer that is up, or will be when it has answered.
  struct linked {
    peer_info peer;
    std::uint64_t attempt = 0;
    session_ptr session;
  };
  /// A peer that this node dials.
  struct dial {
    std::uint64_t attempt = 0;   // Connections made to it by this run of the node.
    std::uint32_t failures = 0;  // Since it was linked last.
  };

  state(simulated_node& n, simple_links_options o) : node{n}, options{std::move(o)} {}

  // -- connections ---------------------------------------------------------------------

  void begin() {
    accept();
    for (auto& [name, d] : dials)
      do_dial(name);
  }

  void accept() {
    if (!port)
      return;
    port->accept([this](result<std::unique_ptr<net::byte_stream>> r) {
      if (r)
        open_session(std::move(*r), "");
      accept();
    });
  }

  void do_dial(const std::string& name) {
    if (is_closed)
      return;
    auto to = node.world().network().address_of(name, options.port);
    node.network().dial(to, options.dial_within, [this, name](result<std::unique_ptr<net::byte_stream>> r) {
      if (is_closed)
        return;
      if (!r)
        return dial_later(name, r.error().message);
      open_session(std::move(*r), name)->say(hello_frame(++dials.at(name).attempt));
    });
  }

  void dial_later(const std::string& name, const std::string& why) {
    auto& d = dials.at(name);
    node.env().log().debug("net", "peer not reached, trying again", {{"peer", name}, {"why", why}});
    auto wait = options.retry_min;
    for (auto n = d.failures; n > 0 && wait < options.retry_max; --n)
      wait *= 2;
    wait = std::min(wait, options.retry_max);
    ++d.failures;
    auto off = node.env().random().below(static_cast<std::uint64_t>(wait.count() / 2));
    after(wait - duration{static_cast<duration::rep>(off)}, [this, name] { do_dial(name); });
  }

  /// `dialled`: whom; empty: somebody has dialled this node.
  session_ptr open_session(std::unique_ptr<net::byte_stream> stream, const std::string& dialled) {
    auto id = ++sessions_opened;
    auto s = std::make_shared<link_session>(
        node.env(), std::move(stream),
        link_session::options{
            .tick = options.tick,
            .silence_max = options.silence_max,
            .lane_bytes_max = options.lane_bytes_max,
            .on_frame = [this, id, dialled](const frame& f) { handle(id, dialled, f); },
            .on_lost = [this, id, dialled](const std::string& why) { handle_lost(id, dialled, why); },
        });
    std::erase_if(sessions, [](const auto& old) { return old.second->is_over(); });
    sessions.emplace(id, s);
    s->begin();
    return s;
  }

  void handle_lost(std::uint64_t id, const std::string& dialled, const std::string& why) {
    auto s = sessions.at(id);
    sessions.erase(id);
    take_down_session(id, s, why);
    if (!dialled.empty() && !is_closed)
      dial_later(dialled, why);
  }

  /// Ends a session of this node's own accord.
  void end_session(std::uint64_t id, const std::string& dialled, bytes last_word, const std::string& why) {
    auto s = sessions.at(id);
    s->end_with(std::move(last_word));
    take_down_session(id, s, why);
    if (!dialled.empty() && !is_closed)
      dial_later(dialled, why);
  }

  void after(duration d, std::function<void()> run) {
    (void)node.env().timers().arm(node.env().time().now() + d, std::move(run));
  }

  // -- what arrives --------------------------------------------------------------------

  void handle(std::uint64_t id, const std::string& dialled, const frame& f) {
    if (f.kind == frame_kind::refused) {
      auto refused = decode<link_refused>(f.body);
      return end_session(id, dialled, {}, "refused: " + (refused ? refused->why : refused.error().message));
    }
    if (f.kind == frame_kind::goodbye) {
      auto goodbye = decode<link_goodbye>(f.body);
      return end_session(id, dialled, {}, "the peer said goodbye: " + (goodbye ? goodbye->why : "without a word"));
    }
    if (f.kind == frame_kind::tick)
      return;
    auto* l = find(sessions.at(id));
    auto w = waiting.find(id);
    if (f.kind == frame_kind::hello && l == nullptr && w == waiting.end())
      handle_hello(id, dialled, f.body);
    else if (f.kind == frame_kind::ready && w != waiting.end())
      take_in(id, std::exchange(w->second, {}));
    else if (f.kind == frame_kind::payload && l != nullptr)
      handle_payload(*l, f.body);
    else if (f.kind == frame_kind::route && l != nullptr)
      handle_route(*l, f.body);
    else
      nonsense(id, dialled, l == nullptr ? "it is not linked" : "it is linked already");
  }

  void nonsense(std::uint64_t id, const std::string& dialled, const std::string& what) {
    end_session(id, dialled, make_frame(frame_kind::goodbye, link_goodbye{what}), "the peer sent nonsense: " + what);
  }

  [[nodiscard]] std::string objection_to(const link_hello& hello, const std::string& dialled) const {
    const auto& me = *node.get().identity();
    if (hello.protocol != simple_link_protocol)
      return "it speaks protocol " + std::to_string(hello.protocol) + ", not " + std::to_string(simple_link_protocol);
    if (!dialled.empty() && hello.node != dialled)
      return "it calls itself " + hello.node + ", and " + dialled + " was dialled";
    if (dialled.empty() && !others.contains(hello.node))
      return hello.node + " is not among those that " + me.name + " may be linked with";
    if (auto newest = newest_seen.find(hello.node); newest != newest_seen.end() && hello.incarnation < newest->second)
      return "incarnation " + std::to_string(hello.incarnation) + " of it is older than "
           + std::to_string(newest->second) + ", which was seen";
    if (auto l = up.find(hello.node); l != up.end() && l->second.peer.identity.incarnation == hello.incarnation
                                      && hello.attempt <= l->second.attempt && dialled.empty())
      return "a later connection of it is there";
    return {};
  }

  void handle_hello(std::uint64_t id, const std::string& dialled, const bytes& body) {
    auto hello = decode<link_hello>(body);
    if (!hello)
      return nonsense(id, dialled, hello.error().message);
    if (auto why = objection_to(*hello, dialled); !why.empty())
      return refuse(id, dialled, hello->node, why);
    linked l{{{hello->node, hello->incarnation}, hello->role}, hello->attempt, sessions.at(id)};
    if (dialled.empty()) {
      // The dialler may have given up long ago, while this node was paused: it is up when it says that it is ready.
      l.session->say(hello_frame(hello->attempt));
      waiting.insert_or_assign(id, std::move(l));
    } else {
      l.session->say(make_frame(frame_kind::ready, link_ready{hello->attempt}));
      dials.at(dialled).failures = 0;
      bring_up(std::move(l));
    }
  }

  void take_in(std::uint64_t id, linked l) {
    waiting.erase(id);
    const auto& [name, incarnation] = l.peer.identity;
    link_hello said{.node = name, .incarnation = incarnation, .attempt = l.attempt};
    if (auto why = objection_to(said, ""); !why.empty())  // Another one was faster.
      return refuse(id, "", name, why);
    // The end of the old connection before the beginning of the new one (D53).
    if (auto old = up.find(name); old != up.end()) {
      old->second.session->end_with(make_frame(frame_kind::goodbye, link_goodbye{"a later connection took its place"}));
      take_down(old, "a later connection took its place");
    }
    bring_up(std::move(l));
  }

  void refuse(std::uint64_t id, const std::string& dialled, const std::string& peer, const std::string& why) {
    node.env().log().warn("net", "link refused", {{"peer", peer}, {"why", why}});
    end_session(id, dialled, make_frame(frame_kind::refused, link_refused{why}), why);
  }

  [[nodiscard]] bytes hello_frame(std::uint64_t attempt) const {
    const auto& me = *node.get().identity();
    return make_frame(frame_kind::hello,
                      link_hello{simple_link_protocol, me.name, me.incarnation, options.role, attempt});
  }

  void handle_payload(const linked& l, const bytes& body) {
    auto p = decode<link_payload>(body);
    if (!p)
      return drop(l, "?", p.error().message);
    if (auto s = services.find(p->service); s != services.end())
      node.cast(s->second, peer_message{l.peer.identity, p->service, std::move(p->payload)});
    else
      drop(l, p->service, "no process registered that service here");
  }

  void handle_route(const linked& l, const bytes& body) {
    auto r = decode<link_route>(body);
    if (!r)
      return drop(l, "?", r.error().message);
    byte_reader in{r->encoded};
    auto name = std::string{in.blob(r->encoded.size())};
    if (!r->to || !r->to.is_on(*node.get().identity()))
      return drop(l, name, "it is for another run of this node, or for another node");
    auto d = decoders.find(name);
    if (in.failed() || d == decoders.end())
      return drop(l, name, "no such message is carried here; name its type to simple_links::carry");
    if (auto done = d->second(r->to, in.raw(in.remaining())); !done)
      drop(l, name, done.error().message);
  }

  void drop(const linked& from, std::string_view service, std::string_view why) {
    const auto& name = from.peer.identity.name;
    node.env().log().warn("net", "message of a peer dropped", {{"peer", name}, {"service", service}, {"why", why}});
    node.env().events().emit(net::peer_message_dropped{name, service, why, ++dropped});
  }

  // -- who is linked ---------------------------------------------------------------------

  void bring_up(linked l) {
    auto peer = l.peer;
    const auto& [name, incarnation] = peer.identity;
    newest_seen[name] = incarnation;
    up.insert_or_assign(name, std::move(l));
    node.env().log().info("net", "linked", {{"peer", name}, {"incarnation", incarnation}, {"role", peer.role}});
    node.env().events().emit(net::link_changed{name, incarnation, peer.role, true, ""});
    for (const auto& p : subscribers)
      node.cast(p, node_up{peer});
  }

  void take_down(std::map<std::string, linked>::iterator l, const std::string& why) {
    auto peer = std::move(l->second.peer);
    up.erase(l);
    const auto& [name, incarnation] = peer.identity;
    node.env().log().info("net", "link lost", {{"peer", name}, {"incarnation", incarnation}, {"why", why}});
    node.env().events().emit(net::link_changed{name, incarnation, peer.role, false, why});
    for (const auto& p : subscribers)
      node.cast(p, node_down{peer, why});
  }

  /// The peer that is up over that session; null: none is.
  [[nodiscard]] linked* find(const session_ptr& s) {
    auto l = std::find_if(up.begin(), up.end(), [&](const auto& one) { return one.second.session == s; });
    return l == up.end() ? nullptr : &l->second;
  }

  void take_down_session(std::uint64_t id, const session_ptr& s, const std::string& why) {
    waiting.erase(id);
    if (auto* l = find(s))
      take_down(up.find(l->peer.identity.name), why);
  }

  result<link_session*> session_to(std::string_view name) {
    auto l = up.find(std::string{name});
    if (l == up.end())
      return error{errc::unavailable, std::string{name} + " is not linked with this node at the moment"};
    return l->second.session.get();
  }

  simulated_node& node;
  simple_links_options options;
  std::unique_ptr<net::acceptor> port{};
  std::set<std::string> others{};
  std::map<std::string, dial> dials{};  // Those of them that this node dials.
  std::map<std::uint64_t, session_ptr> sessions{};
  std::uint64_t sessions_opened = 0;
  std::map<std::string, linked> up{};
  std::map<std::uint64_t, linked> waiting{};           // By session: said hello, was answered.
  std::map<std::string, std::uint64_t> newest_seen{};  // Incarnations.
  std::map<std::string, pid> services{};
  std::set<pid> subscribers{};
  std::map<std::string, decoder> decoders{};
  std::uint64_t dropped = 0;
  bool is_closed = false;
};

simple_links& simple_links::start(simulated_node& n, std::vector<std::string> others, simple_links_options o) {
  auto& links = n.own<simple_links>(n, std::move(others), std::move(o));
  n.env().use_peers(links);
  return links;
}

simple_links::simple_links(simulated_node& n, std::vector<std::string> others, simple_links_options o)
    : node_{n}, state_{std::make_unique<state>(n, std::move(o))} {
  auto port = n.network().listen({"", state_->options.port});
  if (!port)
    throw simulation_error{port.error().in("the links of " + n.name()).message};
  state_->port = std::move(*port);
  for (auto& name : others) {
    if (name == n.name())
      continue;
    if (n.name() < name)
      state_->dials[name];
    state_->others.insert(std::move(name));
  }
  state_->after(state_->options.begin_after, [s = state_.get()] { s->begin(); });
}

simple_links::~simple_links() = default;

void simple_links::carry_named(std::string_view message_name, decoder d) {
  state_->decoders.insert_or_assign(std::string{message_name}, std::move(d));
}

void simple_links::close() {
  auto& s = *state_;
  if (std::exchange(s.is_closed, true))
    return;
  s.port.reset();
  for (const auto& [id, one] : s.sessions)
    one->end_with(make_frame(frame_kind::goodbye, link_goodbye{"the node stops"}));
  s.waiting.clear();
  while (!s.up.empty())
    s.take_down(s.up.begin(), "the node stops");
}

bool simple_links::is_linked_with(std::string_view node) const { return state_->up.contains(std::string{node}); }

result<void> simple_links::send(std::string_view node, lane where, std::string_view service, bytes payload) {
  if (payload.size() > state_->options.payload_bytes_max
      || service.size() + payload.size() + frame_extra_bytes_max > link_frame_bytes_max)
    return error{errc::too_large, std::string{service} + ": a message of " + std::to_string(payload.size())
                                      + " bytes to " + std::string{node} + " is over the limit of "
                                      + std::to_string(state_->options.payload_bytes_max) + "; send it in parts"};
  auto s = state_->session_to(node);
  if (!s)
    return s.error();
  return (*s)->send(where, make_frame(frame_kind::payload, link_payload{std::string{service}, std::move(payload)}));
}

void simple_links::register_service(std::string service, pid handler) {
  state_->services.insert_or_assign(std::move(service), std::move(handler));
}

std::vector<peer_info> simple_links::subscribe_with_snapshot(pid subscriber) {
  std::erase_if(state_->subscribers, [&](const pid& p) { return !node_.is_alive(p); });
  state_->subscribers.insert(std::move(subscriber));
  return list();
}

result<void> simple_links::route(const pid& to, bytes encoded) {
  if (encoded.size() > state_->options.payload_bytes_max)
    return error{errc::too_large, "a message of " + std::to_string(encoded.size()) + " bytes to " + to_string(to)
                                      + " is over the limit of " + std::to_string(state_->options.payload_bytes_max)};
  auto s = state_->session_to(to.node().name);
  if (!s)
    return s.error();
  return (*s)->send(lane::rpc, make_frame(frame_kind::route, link_route{to, std::move(encoded)}));
}

std::vector<peer_info> simple_links::list() const {
  std::vector<peer_info> all;
  for (const auto& [name, l] : state_->up)
    all.push_back(l.peer);
  return all;
}

}  // namespace beamline::testing
