// How a process talks: sending, calls, timers, watches and links.

#include "actors/events.hpp"
#include "actors/message_contract.hpp"
#include "actors/process.hpp"
#include "actors/process_pending.hpp"
#include "actors/reason_codec.hpp"
#include "actors/remote_processes.hpp"
#include "actors/reply_gate.hpp"
#include "actors/system_config.hpp"
#include "base/planted.hpp"

#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace beamline {

// -- sending -----------------------------------------------------------------------------

void process::cast_local(const pid& to, message m) {
  deliver(to, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)));
}

// 0: nobody took it, or it is parked for the next owner of the name.
std::uint64_t process::deliver(const pid& to, caf::mailbox_element_ptr m) {
  auto& table = environment_.processes();
  if (is_fenced())
    return 0;
  auto id = to.id();
  if (to.is_named()) {
    auto route = table.names().find_or_park(to.name(), m);
    if (route.what == name_table::fate::refused)
      environment_.events().emit(gap_overflow{to.name(), route.refused_total});
    if (!m)
      return 0;
    id = route.id;
  }
  return table.deliver(id, std::move(m), context()) ? id : 0;
}

void process::cast_remote(const pid& to, std::string_view name, bytes encoded) {
  if (to && !is_fenced())
    environment_.remote().cast(id_, to, name, encoded);
}

void process::cast_remote(const pid& to, const message& shared) {
  if (!to || is_fenced())
    return;
  auto m = environment_.contract().encode(shared);
  if (!m)
    throw std::logic_error{"a shared message was cast to " + to_string(to) + " on another node: " + m.error().message};
  environment_.remote().cast(id_, to, m->name, m->octets);
}

void process::cast_unsendable(const pid& to, const std::type_info& type) {
  if (to)
    throw std::logic_error{readable_name(type) + " was cast to " + to_string(to)
                           + " on another node, but is not a BEAMLINE_MESSAGE"};
}

void process::resume_elsewhere(process_table& table, std::uint64_t id, std::function<void()> run) {
  table.deliver(id, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, resume_signal{std::move(run)}),
                nullptr);
}

void process::run_later(std::function<void()> fn) { resume_elsewhere(environment_.processes(), id_, std::move(fn)); }

// -- what is pending ---------------------------------------------------------------------

detail::process_pending& process::pending() {
  if (!pending_)
    pending_ = std::make_unique<detail::process_pending>();
  if (pending_->size() >= pending_max)
    throw std::length_error{"a process has " + std::to_string(pending_max)
                            + " timers, calls and watches pending; it must cancel or await some"};
  return *pending_;
}

void process::exit(const pid& who, const reason& why) {
  if (is_fenced())
    return;
  if (who && !who.is_on(*environment_.self()))
    return environment_.remote().exit(id_, who, why);
  auto id = environment_.processes().resolve(who);
  if (id == id_ && why.is_normal() && !stats_.traps_exits)  // S13
    stop();
  else
    environment_.processes().exit(id, {self(), why}, context());
}

void process::stop_process(const pid& who, const reason& why, duration within,
                           std::function<void(const std::optional<call_error>&)> on_end) {
  // By its id: an order to nobody must not wait at a stable address for the next owner, and stop that.
  auto target = who.is_on(*environment_.self()) ? pid{environment_.self(), environment_.processes().resolve(who)} : who;
  // Nobody answers a stop order; the end of the process is the end of the call.
  start_call(target, caf::make_message(stop_order{why}), within, [why, tell = std::move(on_end)](call_result r) {
    auto* e = std::get_if<call_error>(&r);
    auto is_as_asked = e == nullptr || (e->what == call_error::kind::crashed && e->why == why);
    tell(is_as_asked ? std::nullopt : std::optional{*e});
  });
}

void process::trap_exits(std::function<void(const exit_signal&)> fn) {
  stats_.traps_exits = static_cast<bool>(fn);
  pending().on_exit = std::move(fn);
}

void process::link(const pid& with) {
  auto& table = environment_.processes();
  auto other = table.resolve(with);
  if (other != id_ && !table.link(id_, other))
    table.tell(
        id_, exit_signal{with, !with || with.is_on(*environment_.self()) ? reason::noproc() : reason::noconnection()});
}

void process::unlink(const pid& with) { environment_.processes().unlink(id_, environment_.processes().resolve(with)); }

result<void> process::register_as(const std::string& name) {
  if (is_fenced())
    return error{errc::not_found, "a process that was killed cannot be registered as \"" + name + "\""};
  auto ok = environment_.processes().register_name(id_, name);
  if (ok)
    open_name(name);
  return ok;
}

void process::open_name(const std::string& name) {
  auto& table = environment_.processes();
  std::vector<std::pair<std::uint64_t, call_taken>> calls;
  table.names().open(name, id_, [&](caf::mailbox_element_ptr m) {
    if (auto* from = m->sender ? dynamic_cast<detail::reply_gate*>(m->sender->get()) : nullptr; from != nullptr)
      calls.emplace_back(from->owner(), call_taken{m->mid.request_id().integer_value(), id_});
    // These were accepted once, and come before what others send now: neither the limit nor the simulator's hook has a
    // say.
    stats_.depth.fetch_add(1, std::memory_order_relaxed);
    stats_.received.fetch_add(1, std::memory_order_relaxed);
    enqueue_now(std::move(m));
  });
  // Before any answer, for this is the turn of who answers; and not with the names locked, for whoever holds a dying
  // process last runs its destructor. Its end is the end of these calls, as if they had been made now.
  for (const auto& [caller, taken] : calls)
    if (!table.watch(id_, taken.ref, caller)
        || !(caller == process_table::outside ? environment_.remote().note_taken(taken.ref, id_)
                                              : table.tell(caller, taken)))
      table.unwatch(id_, taken.ref);
}

pid process::caller() const {
  if (current_element_ == nullptr || !current_element_->sender)
    return {};
  auto* gate = dynamic_cast<detail::reply_gate*>(current_element_->sender->get());
  return gate == nullptr || gate->is_of_other_nodes() ? pid{} : pid{environment_.self(), gate->owner()};
}

std::shared_ptr<detail::promise_state> process::remember(caf::response_promise p) {
  auto state = std::make_shared<detail::promise_state>(std::move(p));
  pending().add_promise(state);
  return state;
}

process::timer_ref process::run_after(duration d, std::function<void()> fn) {
  auto& table = environment_.processes();
  auto ref = table.next_ref();
  auto& entry = pending().timers[ref];
  stats_.pending.fetch_add(1, std::memory_order_relaxed);
  entry.run = std::move(fn);
  auto at = d > time_point::max() - now() ? time_point::max() : now() + d;
  entry.id = environment_.timers().arm(at, [&table, id = id_, ref] {
    table.deliver(id, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, timer_signal{ref}), nullptr);
  });
  return ref;
}

void process::cancel(timer_ref t) {
  if (!pending_)
    return;
  if (auto i = pending_->timers.find(t); i != pending_->timers.end()) {
    environment_.timers().cancel(i->second.id);
    if (planted::is_on(planted::bug::timer_after_cancel))
      return;
    pending_->timers.erase(i);
    stats_.pending.fetch_sub(1, std::memory_order_relaxed);
  }
}

process::watch_ref process::watch(const pid& who, std::function<void(const reason&)> fn) {
  auto& table = environment_.processes();
  auto ref = table.next_ref();
  auto target = table.resolve(who);
  auto is_remote = who && !who.is_on(*environment_.self());
  pending().watches[ref] = {target, std::move(fn), is_remote};
  stats_.pending.fetch_add(1, std::memory_order_relaxed);
  if (is_remote) {
    pending_->has_remote = true;
    if (!is_fenced())
      environment_.remote().watch(id_, ref, who);
  } else if (!table.watch(target, ref, id_)) {
    table.deliver(id_,
                  caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, down_signal{ref, reason::noproc()}),
                  context());
  }
  return ref;
}

void process::unwatch(watch_ref w) {
  if (!pending_)
    return;
  if (auto i = pending_->watches.find(w); i != pending_->watches.end()) {
    if (i->second.is_remote)
      environment_.remote().unwatch(id_, w);
    else
      environment_.processes().unwatch(i->second.target, w);
    pending_->watches.erase(i);
    stats_.pending.fetch_sub(1, std::memory_order_relaxed);
  }
}

// -- calls -------------------------------------------------------------------------------

namespace {

/// Nothing: nobody wants to know of the call.
std::optional<time_point> tell_begin(environment& env, const call_started& e, const pid& to, const message& m) {
  if (!env.events().wants<call_started>() && !env.events().wants<call_done>())
    return std::nullopt;
  auto told = e;
  auto target = to_string(to);
  const auto* known = m.empty() ? nullptr : m.type(0).second;  // CAF's own types have numbers instead.
  auto type = known == nullptr ? "caf::message" : readable_name(*known);
  told.to = target;
  told.message = type;
  env.events().emit(told);
  return env.time().now();
}

void tell_end(environment& env, std::uint64_t caller, std::uint64_t ref, const std::optional<time_point>& begun,
              const call_result& r) {
  if (!begun)
    return;
  auto* e = std::get_if<call_error>(&r);
  env.events().emit(call_done{caller, ref, e == nullptr ? "ok" : to_string(e->what), env.time().now() - *begun});
}

}  // namespace

const caf::strong_actor_ptr& process::gate() {
  auto& p = pending();
  if (!p.gate) {
    caf::actor_config c{context()};
    p.gate = caf::actor_cast<caf::strong_actor_ptr>(caf::make_actor<detail::reply_gate, caf::actor>(
        home_system().next_actor_id(), home_system().node(), &home_system(), c, environment_.processes(), id_));
  }
  return p.gate;
}

void process::start_call(const pid& to, message m, duration within, reply_handler on_result) {
  auto& table = environment_.processes();
  if (is_fenced())
    return;
  auto ref = table.next_ref();
  auto begun = tell_begin(environment_, {id_, ref, {}, {}, within}, to, m);
  auto is_remote = to && !to.is_on(*environment_.self());
  auto timer = run_after(within, [this, ref, is_remote] {
    if (is_remote)
      environment_.remote().forget_call(id_, ref);
    finish_call(ref, call_error{call_error::kind::timeout, {}});
  });
  pending().calls[ref] = {timer, 0, std::move(on_result), begun};
  stats_.calls.fetch_add(1, std::memory_order_relaxed);
  stats_.pending.fetch_add(1, std::memory_order_relaxed);
  if (is_remote) {
    pending_->has_remote = true;
    environment_.remote().call(id_, ref, to, m, within);
    return;
  }
  auto request = caf::make_mailbox_element(gate(), caf::make_message_id(ref), {}, std::move(m));
  auto target = to.id();
  if (to.is_named()) {
    auto route = table.names().find_or_park(to.name(), request);
    if (route.what == name_table::fate::refused)
      environment_.events().emit(gap_overflow{to.name(), route.refused_total});
    if (!request)
      return;  // Its next owner answers, or the time is up.
    target = route.id;
  }
  // Watched first: a callee that dies of the call is noticed whenever that is.
  if (table.watch(target, ref, id_)) {
    pending_->calls[ref].callee = target;
    table.deliver(target, std::move(request), context());
    return;
  }
  table.tell(id_, resume_signal{[this, ref] { finish_call(ref, call_error{call_error::kind::noproc, {}}); }});
}

namespace {

/// Planted: an answer that nobody waits for goes to who waits longest.
std::uint64_t misled(const detail::process_pending& p, std::uint64_t ref) {
  if (p.calls.empty() || p.calls.contains(ref))
    return ref;
  auto by_age = [](const auto& a, const auto& b) { return a.first < b.first; };
  return std::min_element(p.calls.begin(), p.calls.end(), by_age)->first;
}

}  // namespace

bool process::handle_reply(caf::mailbox_element& m) {
  auto ref = m.mid.request_id().integer_value();
  if (planted::is_on(planted::bug::late_reply_taken) && m.mid.is_response() && pending_)
    ref = misled(*pending_, ref);
  if (!m.mid.is_response())
    return false;
  // Unknown ones are dropped: they came too late, their caller was told `timeout` (D70). Not left to CAF, which would
  // let the next message be handled in the same step of the simulator, unseen; but for what CAF itself was asked for.
  if (!pending_ || !pending_->calls.contains(ref))
    return multiplexed_responses_.find(m.mid) == multiplexed_responses_.end() && awaited_responses_.empty();
  if (m.content().match_elements<caf::error>())
    finish_call(ref, call_error_from_caf(m.content().get_as<caf::error>(0)));
  else
    finish_call(ref, m.move_content_to_message());
  return true;
}

void process::finish_call(std::uint64_t ref, call_result r) {
  if (!pending_ || !pending_->calls.contains(ref))
    return;  // It has its outcome.
  auto entry = pending_->calls.extract(ref);
  stats_.calls.fetch_sub(1, std::memory_order_relaxed);
  stats_.pending.fetch_sub(1, std::memory_order_relaxed);
  cancel(entry.mapped().timer);
  environment_.processes().unwatch(entry.mapped().callee, ref);
  tell_end(environment_, id_, ref, entry.mapped().begun, r);
  entry.mapped().done(std::move(r));
}

bool process::is_overdue(caf::mailbox_element& m) { return environment_.remote().is_overdue(m); }

void process::check_may_spawn() const {
  if (is_fenced())
    throw std::runtime_error{to_string(self()) + " was killed and given up; it cannot spawn"};
}

void detail::prepare_spawn(process_config& c, caf::actor_system& system, caf::execution_unit* host) {
  const auto& config = static_cast<const system_config&>(system.config());
  c.host = host;
  // The simulator has one thread, and replaces the mailbox to prove it.
  if (c.how.has_own_thread && config.mail == nullptr)
    c.flags |= caf::abstract_actor::is_detached_flag;
}

}  // namespace beamline
