#include "net/rpc/server.hpp"

#include "actors/peers.hpp"
#include "base/log.hpp"
#include "net/rpc/events.hpp"
#include "net/rpc/limits.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace beamline::net::rpc {

namespace {

call_error refused_with(std::string text) { return {call_error::kind::crashed, reason::custom(std::move(text))}; }

void reply_to(const std::optional<reply_promise<wire_reply>>& answer, raw_outcome o) {
  if (answer)
    answer->set(to_wire(std::move(o)));
}

raw_outcome that_fits(raw_outcome o, const std::string& where) {
  const auto* value = std::get_if<bytes>(&o);
  if (value == nullptr || value->size() <= arguments_bytes_max)
    return o;
  return failed{"too_large",
                "the value has " + std::to_string(value->size()) + " bytes, and at most "
                    + std::to_string(arguments_bytes_max) + " cross nodes",
                where, nullptr};
}

/// How the end of a worker that gave no answer looks to the caller.
failure failure_of_end(const reason& why, const std::string& where) {
  if (why.why == reason::kind::crashed)
    return failed{"exception", why.text, where, nullptr};
  return exited{exited::cause::signal, why};
}

}  // namespace

behavior server::init() {
  if (auto named = register_as("rpc"); !named)
    throw std::logic_error{"rpc: " + named.error().message};
  (void)env().peers().subscribe_with_snapshot(self(), node_kinds::all);  // Only who goes matters.
  return handlers([this](const register_procedures& m) { return handle_register(m); },
                  [this](const wire_request& m) { return handle_request(m); },
                  [this](const wire_cast& m) {
                    serve({m.procedure, m.arguments, m.from, duration::max(), std::nullopt});
                  },
                  [this](const role_call& m) { return handle_role_call(m); }, [](const node_up&) {},
                  [this](const node_down& m) { withdraw_calls_of(m.peer.identity.name); },
                  [this](const worker_done& m) {
                    if (m.outcome)
                      finish(m.id, std::move(*m.outcome));
                  });
}

// -- what is served -----------------------------------------------------------------------------------

std::string server::objection_to(const register_procedures& m) const {
  if (!m.owner || m.owner.is_named() || !m.owner.is_on(*env().self()))
    return "badarg: procedures belong to a process of this node, given by its id, not to "
         + (m.owner ? to_string(m.owner) : std::string{"nobody"});
  std::set<std::string> added;
  for (const auto& p : m.procedures) {
    if (p.name.empty() || p.name.size() > procedure_bytes_max || !p.run || p.name == describe_procedures::message_name)
      return "badarg: \"" + p.name + "\" cannot be a procedure: it needs a function or process, and a name of 1 to "
           + std::to_string(procedure_bytes_max) + " bytes that is not "
           + std::string{describe_procedures::message_name};
    if (p.options.concurrency_max == 0)
      return "badarg: " + p.name + " may never run with a concurrency_max of 0; give it 1 at least";
    if (!procedures_.contains(p.name))
      added.insert(p.name);
  }
  if (procedures_.size() + added.size() > procedures_max)
    return "system_limit: a node has at most " + std::to_string(procedures_max) + " procedures";
  return {};
}

server::deferred server::handle_register(const register_procedures& m) {
  auto answer = promise<void>();
  if (auto wrong = objection_to(m); !wrong.empty()) {
    env().log().error("rpc", "procedures refused", {{"owner", m.owner ? to_string(m.owner) : ""}, {"why", wrong}});
    answer.fail(refused_with(std::move(wrong)));
    return answer;
  }
  for (const auto& p : m.procedures) {
    auto limits = call_queue::limits{p.options.concurrency_max, p.options.queue_max};
    procedures_.insert_or_assign(
        p.name, registration{std::make_shared<const procedure>(p), m.owner, std::make_shared<call_queue>(limits)});
  }
  if (auto [at, is_new] = owners_.try_emplace(m.owner); is_new)
    at->second = watch(m.owner, [this, owner = m.owner](const reason&) { forget(owner); });
  answer.set();
  return answer;
}

void server::forget(const pid& owner) {
  owners_.erase(owner);
  std::erase_if(procedures_, [&](const auto& p) { return p.second.owner == owner; });
}

// -- requests -------------------------------------------------------------------------------------------

server::deferred server::handle_request(const wire_request& m) {
  auto answer = promise<wire_reply>();
  serve({m.procedure, m.arguments, m.from, m.budget, answer});
  return answer;
}

server::deferred server::handle_role_call(const role_call& m) {
  auto answer = promise<wire_reply>();
  if (!role_.empty() && m.role == role_) {
    serve({m.procedure, m.arguments, env().self()->name, m.within, answer});
    return answer;
  }
  auto linked = env().peers().list();
  auto peer = std::find_if(linked.begin(), linked.end(), [&](const peer_info& p) { return p.role == m.role; });
  if (peer == linked.end())
    answer.fail(call_error{call_error::kind::noconnection, {}});
  else
    call<wire_reply>(rpc_on(peer->identity.name), wire_request{m.procedure, m.arguments, env().self()->name, m.within},
                     m.within)
        .then([answer](const wire_reply& r) { answer.set(r); }, [answer](const call_error& e) { answer.fail(e); });
  return answer;
}

void server::serve(incoming m) {
  auto where = m.procedure + " on " + env().self()->name;
  if (m.procedure == describe_procedures::message_name) {
    procedure_map all;
    for (const auto& [name, p] : procedures_)
      all.emplace(name, p.what);
    auto asked = decode<describe_procedures>(m.arguments);
    return reply_to(m.answer, encode_value<procedure_list>(describe(all, asked ? asked->only : std::string{})));
  }
  auto p = procedures_.find(m.procedure);
  if (p == procedures_.end())
    return reply_to(m.answer, failed{"undef", env().self()->name + " has no procedure " + m.procedure, where, nullptr});
  if (served_.size() >= served_max)
    return refuse(m, std::to_string(served_max) + " calls run and wait on " + env().self()->name);
  auto is_for_ever = m.budget > time_point::max() - now();
  auto id = ++last_id_;
  served s{p->second.what,
           p->second.queue,
           {m.procedure, m.from, is_for_ever ? time_point::max() : now() + m.budget},
           {},
           m.answer};
  if (m.budget <= duration::zero())
    return expire(s);
  auto turn = s.queue->offer(id, s.info.deadline);
  if (turn == call_queue::answer::refused)
    return refuse(m, "as many calls of " + where + " run and wait as may");
  s.arguments = std::move(m.arguments);
  served_.emplace(id, std::move(s));
  if (turn == call_queue::answer::run)
    start(id);
}

void server::start(std::uint64_t id) {
  starting_.push_back(id);
  // One that fails at once makes room for the next: one after another, and not one within the other.
  if (std::exchange(is_starting_, true))
    return;
  while (!starting_.empty()) {
    auto first = starting_.front();
    starting_.pop_front();
    run(first);
  }
  is_starting_ = false;
}

void server::run(std::uint64_t id) {
  auto& s = served_.at(id);
  if (s.what->has_worker)
    return spawn_worker(id, s);
  call_context c{*this, s.info};
  auto arguments = std::move(s.arguments);
  auto what = s.what;  // It may be replaced, and `s` be gone, before this returns.
  what->run(c, arguments, [this, id](raw_outcome o) { finish(id, std::move(o)); });
}

void server::spawn_worker(std::uint64_t id, served& s) {
  birth how;
  how.label = "call of " + s.info.procedure;
  how.has_own_thread = s.what->options.is_blocking;
  try {
    auto who = spawn_as<worker>(std::move(how), worker::setup{id, s.what, s.info, std::move(s.arguments)});
    s.worker = watch(who, [this, id, where = s.info.procedure + " on " + env().self()->name](const reason& why) {
      if (auto at = served_.find(id); at != served_.end())
        at->second.worker = 0;
      finish(id, failure_of_end(why, where));
    });
  } catch (const process_limit_reached& e) {
    finish(id, rpc_error{rpc_error::kind::system_limit, e.what()});
  }
}

void server::finish(std::uint64_t id, raw_outcome o) {
  auto s = served_.extract(id);
  if (!s)
    return;
  auto& call = s.mapped();
  if (call.worker != 0)
    unwatch(call.worker);
  reply_to(call.answer, that_fits(std::move(o), call.info.procedure + " on " + env().self()->name));
  next(call.queue);
}

void server::next(const std::shared_ptr<call_queue>& queue) {
  auto turn = queue->finished(now());
  for (auto id : turn.expired)
    if (auto gone = served_.extract(id))
      expire(gone.mapped());
  if (turn.next != 0)
    start(turn.next);
}

void server::withdraw_calls_of(const std::string& node) {
  std::erase_if(served_, [&](auto& s) {
    auto& call = s.second;
    if (!call.answer || call.info.from_node != node || !call.queue->withdraw(s.first))
      return false;
    reply_to(call.answer, rpc_error{rpc_error::kind::noconnection, node});
    return true;
  });
}

void server::expire(const served& s) {
  env().events().emit(request_expired{s.info.procedure, s.info.from_node, ++expired_});
  reply_to(s.answer, rpc_error{rpc_error::kind::timeout, "its time was up before its turn"});
}

void server::refuse(const incoming& m, const std::string& why) {
  env().events().emit(request_refused{m.procedure, m.from, ++refused_});
  reply_to(m.answer, rpc_error{rpc_error::kind::system_limit, why});
}

}  // namespace beamline::net::rpc
