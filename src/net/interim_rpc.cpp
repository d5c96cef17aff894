#include "net/interim_rpc.hpp"

#include "base/log.hpp"
#include "net/interim_events.hpp"
#include "net/interim_link.hpp"

#include <algorithm>

namespace beamline::net {

namespace detail {

struct rpc_request {
  std::uint64_t id = 0;
  std::string procedure;
  bytes arguments;
  duration within{};
  BEAMLINE_MESSAGE(rpc_request, "rpc.request", 1, id, procedure, arguments, within)
};

struct rpc_reply {
  std::uint64_t id = 0;
  bool is_value = false;
  bytes value;
  call_error::kind what = call_error::kind::timeout;  // Without a value: what became of it there.
  reason::kind why = reason::kind::normal;
  std::string why_text;
  BEAMLINE_MESSAGE(rpc_reply, "rpc.reply", 1, id, is_value, value, what, why, why_text)
};

}  // namespace detail

namespace {

using detail::rpc_reply;
using detail::rpc_request;

constexpr std::string_view request_service = "rpc";
constexpr std::string_view reply_service = "rpc.reply";

call_error refused(std::string text) { return {call_error::kind::crashed, reason::custom(std::move(text))}; }
call_error failed(call_error::kind what) { return {what, {}}; }

call_error no_procedure(const std::string& node, const std::string& procedure) {
  return refused("notsup: " + node + " has no procedure " + procedure);
}

/// How a call went that the link did not take.
call_error call_error_of(const error& e) {
  if (e.code == errc::unavailable)
    return failed(call_error::kind::noconnection);
  if (e.code == errc::busy)
    return failed(call_error::kind::busy);
  return refused(std::string{to_string(e.code)} + ": " + e.message);
}

/// Empty, or what is wrong with a call, found before anything is sent (D76).
std::string objection_to(const rpc_call& m) {
  if (m.procedure.empty() || m.procedure.size() > rpc_procedure_bytes_max)
    return "badarg: a procedure has a name of 1 to " + std::to_string(rpc_procedure_bytes_max) + " bytes";
  if (m.within <= duration::zero() || m.within > rpc_within_max)
    return "badarg: " + m.procedure + " was called with " + std::to_string(to_ms(m.within))
         + " ms to answer; give it more than nothing and at most " + std::to_string(to_ms(rpc_within_max));
  if (m.arguments.size() > link_payload_bytes_max - rpc_overhead_bytes_max)
    return "too_large: " + m.procedure + " was called with " + std::to_string(m.arguments.size())
         + " bytes of arguments; at most " + std::to_string(link_payload_bytes_max - rpc_overhead_bytes_max) + " fit";
  return {};
}

/// A peer's answer as an outcome. Numbers that this release does not know are a crash of the callee.
call_error call_error_of(const rpc_reply& r) {
  if (r.what > call_error::kind::crashed || r.why > reason::kind::custom)
    return refused("the peer answered with an error of a newer release: " + r.why_text);
  return {r.what, {r.why, r.why_text}};
}

}  // namespace

behavior interim_rpc::init() {
  if (auto named = register_as("rpc"); !named)
    throw std::logic_error{"interim_rpc: " + named.error().message};
  // So that late answers to an earlier run of this process match nothing.
  last_id_ = env().random().next() >> 1;
  auto& peers = env().peers();
  for (auto& peer : peers.subscribe_with_snapshot(self()))
    peers_[peer.identity.name] = std::move(peer);
  peers.register_service(std::string{request_service}, self());
  peers.register_service(std::string{reply_service}, self());
  return handlers([this](const register_procedure& m) { return handle_register(m); },
                  [this](const rpc_call& m) { return handle_call(m); },
                  [this](const peer_message& m) { handle_message(m); },
                  [this](const node_up& m) { peers_[m.peer.identity.name] = m.peer; },
                  [this](const node_down& m) { handle_down(m.peer); });
}

interim_rpc::deferred interim_rpc::handle_register(const register_procedure& m) {
  auto answer = promise<void>();
  if (m.procedure.empty() || m.procedure.size() > rpc_procedure_bytes_max || !m.handler) {
    env().log().error("rpc", "procedure refused: it has no handler, or no name of a legal length",
                      {{"procedure", m.procedure}, {"limit", rpc_procedure_bytes_max}});
    answer.fail(refused("badarg: a procedure has a handler and a name of 1 to "
                        + std::to_string(rpc_procedure_bytes_max) + " bytes"));
    return answer;
  }
  if (procedures_.size() >= rpc_procedures_max && !procedures_.contains(m.procedure)) {
    env().log().error("rpc", "procedure refused: there are too many",
                      {{"procedure", m.procedure}, {"limit", rpc_procedures_max}});
    answer.fail(failed(call_error::kind::busy));
    return answer;
  }
  procedures_.insert_or_assign(m.procedure, m.handler);
  answer.set();
  return answer;
}

// -- calling -----------------------------------------------------------------------------

interim_rpc::deferred interim_rpc::handle_call(const rpc_call& m) {
  auto answer = promise<bytes>();
  if (auto wrong = objection_to(m); !wrong.empty())
    finish(answer, m.procedure, now(), refused(std::move(wrong)));
  else if (waiting_.size() + local_ >= rpc_calls_max)
    finish(answer, m.procedure, now(), failed(call_error::kind::busy));
  else if (!role_.empty() && m.role == role_)
    start_local(m, answer);
  else if (const auto* peer = peer_of(m.role))
    start_remote(*peer, m, answer);
  else
    finish(answer, m.procedure, now(), failed(call_error::kind::noconnection));
  return answer;
}

const peer_info* interim_rpc::peer_of(const std::string& role) const {
  for (const auto& [name, peer] : peers_)
    if (peer.role == role)
      return &peer;
  return nullptr;
}

void interim_rpc::start_local(const rpc_call& m, const reply_promise<bytes>& answer) {
  auto p = procedures_.find(m.procedure);
  if (p == procedures_.end())
    return finish(answer, m.procedure, now(), no_procedure(env().self()->name, m.procedure));
  ++local_;
  auto finished = [this, answer, procedure = m.procedure, since = now()](outcome o) {
    --local_;
    finish(answer, procedure, since, std::move(o));
  };
  call<bytes>(p->second, procedure_call{m.procedure, m.arguments, env().self()->name}, m.within)
      .then([finished](const bytes& value) { finished(value); }, [finished](const call_error& e) { finished(e); });
}

void interim_rpc::start_remote(const peer_info& peer, const rpc_call& m, const reply_promise<bytes>& answer) {
  auto id = ++last_id_;
  auto sent = env().peers().send(peer.identity.name, lane::rpc, request_service,
                                 encode(rpc_request{id, m.procedure, m.arguments, m.within}));
  if (!sent)
    return finish(answer, m.procedure, now(), call_error_of(sent.error()));
  auto timer = run_after(m.within, [this, id] {
    if (auto w = waiting_.find(id); w != waiting_.end())
      finish(w, failed(call_error::kind::timeout));
  });
  waiting_.emplace(id, waiting_call{peer.identity, m.procedure, answer, timer, now()});
}

void interim_rpc::finish(std::map<std::uint64_t, waiting_call>::iterator w, outcome o) {
  auto call = std::move(w->second);
  waiting_.erase(w);
  cancel(call.timer);
  finish(call.answer, call.procedure, call.since, std::move(o));
}

void interim_rpc::finish(const reply_promise<bytes>& answer, const std::string& procedure, time_point since,
                         outcome o) {
  const auto* e = std::get_if<call_error>(&o);
  env().events().emit(
      rpc_call_done{procedure, e == nullptr ? std::string_view{"ok"} : to_string(e->what), now() - since});
  if (e != nullptr)
    answer.fail(*e);
  else
    answer.set(std::get<bytes>(std::move(o)));
}

void interim_rpc::handle_reply(const peer_message& m) {
  auto reply = decode<rpc_reply>(m.payload);
  auto w = reply ? waiting_.find(reply->id) : waiting_.end();
  // Only the run of the node that was asked may answer.
  if (w == waiting_.end() || w->second.peer != m.from)
    return drop_reply(m.from);
  if (reply->is_value)
    finish(w, std::move(reply->value));
  else
    finish(w, call_error_of(*reply));
}

void interim_rpc::handle_down(const peer_info& peer) {
  // Events of one name alternate, so whoever is known by it is the one that went.
  peers_.erase(peer.identity.name);
  for (auto w = waiting_.begin(); w != waiting_.end();) {
    auto next = std::next(w);
    if (w->second.peer == peer.identity)
      finish(w, failed(call_error::kind::noconnection));
    w = next;
  }
}

void interim_rpc::drop_reply(const node_identity& from) {
  ++replies_dropped_;
  env().events().emit(rpc_reply_dropped{from.name, replies_dropped_});
}

// -- serving -------------------------------------------------------------------------------

void interim_rpc::handle_message(const peer_message& m) {
  if (m.service == reply_service)
    handle_reply(m);
  else
    handle_request(m);
}

void interim_rpc::handle_request(const peer_message& m) {
  auto request = decode<rpc_request>(m.payload);
  if (!request) {
    env().log().warn("rpc", "a call that cannot be read was dropped",
                     {{"peer", m.from.name}, {"why", request.error().message}});
    return;
  }
  auto p = procedures_.find(request->procedure);
  if (p == procedures_.end())
    return reply(m.from, request->id, no_procedure(env().self()->name, request->procedure));
  if (served_ >= rpc_served_max)
    return reply(m.from, request->id, failed(call_error::kind::busy));
  ++served_;
  auto within = std::clamp(request->within, duration{1ms}, rpc_within_max);
  auto finished = [this, to = m.from, id = request->id](outcome o) {
    --served_;
    reply(to, id, std::move(o));
  };
  call<bytes>(p->second, procedure_call{std::move(request->procedure), std::move(request->arguments), m.from.name},
              within)
      .then([finished](const bytes& value) { finished(value); }, [finished](const call_error& e) { finished(e); });
}

void interim_rpc::reply(const node_identity& to, std::uint64_t id, outcome o) {
  rpc_reply r;
  r.id = id;
  if (auto* value = std::get_if<bytes>(&o)) {
    r.is_value = true;
    r.value = std::move(*value);
  } else {
    const auto& e = std::get<call_error>(o);
    r.what = e.what;
    r.why = e.why.why;
    r.why_text = e.why.text;
  }
  auto sent = env().peers().send(to.name, lane::rpc, reply_service, encode(r));
  if (!sent && sent.error().code == errc::too_large) {
    // The caller must not wait for an answer that cannot travel.
    r.is_value = false;
    r.value.clear();
    r.what = call_error::kind::crashed;
    r.why = reason::kind::custom;
    r.why_text = "too_large: the answer of the procedure does not fit into a message between nodes";
    sent = env().peers().send(to.name, lane::rpc, reply_service, encode(r));
  }
  // A peer that is gone was told `noconnection` by its own side; with a full lane it is told `timeout`.
  if (!sent && sent.error().code != errc::unavailable)
    env().log().warn("rpc", "an answer was dropped", {{"peer", to.name}, {"why", sent.error()}});
}

}  // namespace beamline::net
