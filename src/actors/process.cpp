#include "actors/process.hpp"

#include "actors/events.hpp"
#include "actors/peers.hpp"
#include "actors/process_pending.hpp"
#include "actors/reason_codec.hpp"
#include "actors/signals.hpp"
#include "actors/system_config.hpp"
#include "base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

namespace beamline {

namespace {

system_config& config_of(caf::local_actor& self) {
  return const_cast<system_config&>(static_cast<const system_config&>(self.home_system().config()));
}

const std::type_info* type_of(const caf::type_erased_tuple& content) {
  if (content.empty())
    return &typeid(void);
  auto rtti = content.type(0);
  return rtti.second != nullptr ? rtti.second : &typeid(caf::message);  // CAF's own types have numbers instead.
}

}  // namespace

// -- life ------------------------------------------------------------------------------

process::process(process_context& c)
    : caf::event_based_actor{c},
      environment_{*config_of(*this).env},
      mail_hook_{config_of(*this).mail},
      id_{environment_.processes().reserve()} {
  set_exception_handler(
      [](caf::scheduled_actor* me, std::exception_ptr& p) { return static_cast<process*>(me)->note_crash(p); });
  set_default_handler([](caf::scheduled_actor* me, caf::message_view& m) -> caf::result<caf::message> {
    auto& self = *static_cast<process*>(me);
    if (self.handle_other(m.content()))
      return caf::message{};
    self.env().events().emit(
        message_unexpected{self.id_, readable_name(typeid(self)), readable_name(*type_of(m.content()))});
    self.env().log().warn("actors", "message without a handler dropped",
                          {{"process", to_string(self.self())},
                           {"kind", readable_name(typeid(self))},
                           {"message", readable_name(*type_of(m.content()))}});
    return caf::sec::unexpected_message;
  });
}

process::~process() {
  // Only when the constructor of a derived class threw, or it was never launched.
  if (!has_ended_)
    environment_.processes().retire(id_, reason::crashed("never started"));
}

void process::launch(caf::execution_unit* eu, bool lazy, bool hide) {
  stats_.kind = &typeid(*this);
  environment_.processes().publish(id_, caf::strong_actor_ptr{ctrl()}, stats_);
  caf::event_based_actor::launch(eu, lazy, hide);
}

caf::behavior process::make_behavior() {
  auto b = init();
  // CAF ends an actor that has no behaviour; a process without handlers just waits for its timers.
  return b ? std::move(b) : behavior{[](const resume_signal&) {}};
}

const char* process::name() const { return typeid(*this).name(); }

void process::terminate(const reason&) {}

bool process::handle_other(const caf::type_erased_tuple&) { return false; }

bool process::cleanup(caf::error&& why, caf::execution_unit* host) {
  if (!has_ended_) {
    has_ended_ = true;
    auto r = reason_from_caf(why);
    try {
      terminate(r);
    } catch (...) {
      environment_.log().error(
          "actors", "terminate() threw",
          {{"process", to_string(self())}, {"what", reason_from_exception(std::current_exception()).text}});
    }
    release_everything(r);
    stats_.current = nullptr;
    environment_.processes().retire(id_, r);
    if (environment_.events().wants<process_ended>())
      environment_.events().emit(process_ended{id_, readable_name(typeid(*this)), to_string(r)});
  }
  return caf::event_based_actor::cleanup(std::move(why), host);
}

void process::release_everything(const reason& why) {
  if (!pending_)
    return;
  auto held = std::move(pending_);
  for (auto& [ref, t] : held->timers)
    environment_.timers().cancel(t.id);
  for (auto& [ref, w] : held->watches)
    environment_.processes().unwatch(w.target, ref);
  for (auto& p : held->promises)
    if (auto alive = p.lock())
      alive->fail(why);
}

caf::error process::note_crash(const std::exception_ptr& p) {
  auto r = reason_from_exception(p);
  auto kind = readable_name(typeid(*this));
  auto* current = stats_.current.load();
  auto handling = current != nullptr ? readable_name(*current) : std::string{"init"};
  environment_.events().emit(process_crashed{id_, kind, handling, r.text});
  environment_.log().error("actors", "process crashed",
                           {{"process", to_string(self())}, {"kind", kind}, {"handling", handling}, {"what", r.text}});
  return to_caf(r);
}

void process::stop(reason why) { quit(to_caf(why)); }

void process::exit(const pid& who, const reason& why) {
  auto id = environment_.processes().resolve(who);
  auto mid =
      why.why == reason::kind::killed ? caf::make_message_id(caf::message_priority::high) : caf::make_message_id();
  environment_.processes().deliver(
      id, caf::make_mailbox_element(nullptr, mid, {}, caf::exit_msg{address(), to_caf(why)}), context());
}

void process::trap_exits(std::function<void(const reason&)> fn) {
  set_exit_handler([fn = std::move(fn)](caf::exit_msg& m) { fn(reason_from_caf(m.reason)); });
}

result<void> process::register_as(std::string name) {
  return environment_.processes().register_name(id_, std::move(name));
}

pid process::adopt(caf::abstract_actor* child) {
  auto& p = *static_cast<process*>(child);
  environment_.processes().set_parent(p.id_, id_);
  return p.self();
}

// -- the mailbox -------------------------------------------------------------------------

bool process::refuse_when_full(caf::mailbox_element& m) {
  if (stats_.depth.load(std::memory_order_relaxed) < mailbox_max_.load(std::memory_order_relaxed) || m.mid.is_response()
      || m.mid.category() == caf::message_id::urgent_message_category)
    return false;
  auto* type = type_of(m.content());
  if (*type == typeid(down_signal) || *type == typeid(timer_signal) || *type == typeid(resume_signal)
      || m.content().match_elements<caf::exit_msg>() || m.content().match_elements<caf::down_msg>())
    return false;
  auto total = stats_.shed.fetch_add(1, std::memory_order_relaxed) + 1;
  environment_.events().emit(message_shed{id_, readable_name(typeid(*this)), total});
  // CAF's own bouncer would say that the receiver is down.
  if (m.mid.is_request() && m.sender)
    m.sender->enqueue(caf::make_mailbox_element(nullptr, m.mid.response_id(), {}, busy_error()), nullptr);
  return true;
}

void process::enqueue(caf::mailbox_element_ptr m, caf::execution_unit* from) {
  if (refuse_when_full(*m))
    return;
  stats_.depth.fetch_add(1, std::memory_order_relaxed);
  stats_.received.fetch_add(1, std::memory_order_relaxed);
  if (mail_hook_ == nullptr || !mail_hook_->hold(*this, m))
    caf::event_based_actor::enqueue(std::move(m), from);
}

void process::enqueue_now(caf::mailbox_element_ptr m) { caf::event_based_actor::enqueue(std::move(m), nullptr); }

caf::resumable::resume_result process::resume(caf::execution_unit* eu, std::size_t max_throughput) {
  mark_ = now();
  return caf::event_based_actor::resume(eu, max_throughput);
}

caf::invoke_message_result process::consume(caf::mailbox_element& m) {
  stats_.depth.fetch_sub(1, std::memory_order_relaxed);
  stats_.since_ns.store(mark_.time_since_epoch().count(), std::memory_order_relaxed);
  stats_.current.store(type_of(m.content()), std::memory_order_relaxed);
  current_element_ = &m;  // For callbacks, too: what CAF left there is the message before, which is gone.
  auto outcome = caf::invoke_message_result::consumed;
  if (!handle_reply(m) && !handle_signal(m))
    outcome = caf::event_based_actor::consume(m);
  if (pending_)
    pending_->made_now.clear();
  auto end = now();
  stats_.busy_ns.fetch_add((end - mark_).count(), std::memory_order_relaxed);
  if (outcome == caf::invoke_message_result::skipped)  // Back it goes.
    stats_.depth.fetch_add(1, std::memory_order_relaxed);
  else
    stats_.handled.fetch_add(1, std::memory_order_relaxed);
  stats_.current.store(nullptr, std::memory_order_relaxed);
  mark_ = end;
  return outcome;
}

bool process::handle_signal(caf::mailbox_element& m) {
  auto& content = m.content();
  const auto& type = *type_of(content);
  if (type == typeid(timer_signal)) {
    auto ref = content.get_as<timer_signal>(0).ref;
    if (pending_) {
      if (auto t = pending_->timers.extract(ref))
        t.mapped().run();
    }
  } else if (type == typeid(down_signal)) {
    const auto& down = content.get_as<down_signal>(0);
    if (pending_) {
      if (auto w = pending_->watches.extract(down.ref))
        w.mapped().run(down.why);
    }
  } else if (type == typeid(resume_signal)) {
    content.get_as<resume_signal>(0).run();
  } else {
    return false;
  }
  return true;
}

void process::handle_now(const message& m) {
  auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, m);
  // Also when the handler throws: `terminate` runs after that.
  struct restore {
    process& self;
    caf::mailbox_element* outer;
    ~restore() { self.current_element_ = outer; }
  } at_end{*this, current_element_};
  caf::event_based_actor::consume(*element);
}

// -- sending -----------------------------------------------------------------------------

void process::cast_local(const pid& to, message m) {
  auto& table = environment_.processes();
  auto id = to.is_named() ? table.resolve(to) : to.id();
  table.deliver(id, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)), context());
}

void process::cast_remote(const pid& to, std::string_view name, bytes encoded) {
  if (!to)
    return;
  byte_writer out;
  out.blob(name);
  out.raw(encoded);
  // At most once: a node that is away, or a full lane, loses the message, as `cast` says.
  (void)environment_.peers().route(to, out.take());
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

std::shared_ptr<detail::promise_state> process::remember(caf::response_promise p) {
  auto state = std::make_shared<detail::promise_state>(std::move(p));
  pending().add_promise(state);
  return state;
}

process::timer_ref process::run_after(duration d, std::function<void()> fn) {
  auto& table = environment_.processes();
  auto ref = table.next_ref();
  auto& entry = pending().timers[ref];
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
    pending_->timers.erase(i);
  }
}

process::watch_ref process::watch(const pid& who, std::function<void(const reason&)> fn) {
  auto& table = environment_.processes();
  auto ref = table.next_ref();
  auto target = table.resolve(who);
  pending().watches[ref] = {target, std::move(fn)};
  if (table.watch(target, ref, id_))
    return ref;
  auto why = !who || who.is_on(*environment_.self()) ? reason::noproc() : reason::noconnection();
  table.deliver(id_, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, down_signal{ref, why}), context());
  return ref;
}

void process::unwatch(watch_ref w) {
  if (!pending_)
    return;
  if (auto i = pending_->watches.find(w); i != pending_->watches.end()) {
    environment_.processes().unwatch(i->second.target, w);
    pending_->watches.erase(i);
  }
}

// -- calls -------------------------------------------------------------------------------

void process::start_call(const pid& to, message m, duration within, reply_handler on_result) {
  auto& table = environment_.processes();
  auto target = table.resolve(to);
  auto callee = table.find(target);
  if (!callee) {
    auto what = to && !to.is_on(*environment_.self()) ? call_error::kind::noconnection : call_error::kind::noproc;
    run_later([answer = std::move(on_result), what] { answer(call_error{what, {}}); });
    return;
  }
  auto request = new_request_id(caf::message_priority::normal);
  auto key = request.response_id().integer_value();
  auto timer = run_after(within, [this, key] { finish_call(key, call_error{call_error::kind::timeout, {}}); });
  pending().calls[key] = {timer, target, std::move(on_result)};
  callee->get()->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, request, {}, std::move(m)),
                         context());
}

bool process::handle_reply(caf::mailbox_element& m) {
  auto key = m.mid.integer_value();
  // Unknown ones go to CAF: answers to its own requests, and those too late, whose caller was told `timeout` (D70).
  if (!m.mid.is_response() || !pending_ || !pending_->calls.contains(key))
    return false;
  if (!m.content().match_elements<caf::error>()) {
    finish_call(key, m.move_content_to_message());
    return true;
  }
  auto e = call_error_from_caf(m.content().get_as<caf::error>(0));
  // It was found when the call was made, so it died with the call in its mailbox: say how.
  if (e.what == call_error::kind::noproc)
    if (auto why = environment_.processes().exit_reason(pending_->calls[key].callee))
      e = {call_error::kind::crashed, std::move(*why)};
  finish_call(key, std::move(e));
  return true;
}

void process::finish_call(std::uint64_t request, call_result r) {
  auto entry = pending_->calls.extract(request);
  cancel(entry.mapped().timer);
  entry.mapped().done(std::move(r));
}

}  // namespace beamline
