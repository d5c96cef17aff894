#include "actors/process.hpp"

#include "actors/crash_report.hpp"
#include "actors/events.hpp"
#include "actors/peers.hpp"
#include "actors/process_pending.hpp"
#include "actors/reason_codec.hpp"
#include "actors/remote_processes.hpp"
#include "actors/signals.hpp"
#include "actors/system_config.hpp"
#include "base/log.hpp"
#include "base/planted.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <thread>
#include <utility>

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

/// What must never be lost to a full mailbox. Of links there are few, and nobody says again that one came up: who
/// missed it would take that node for unlinked as long as the link lives.
bool is_signal(const std::type_info& type) {
  return type == typeid(node_up) || type == typeid(node_down) || type == typeid(timer_signal)
      || type == typeid(down_signal) || type == typeid(resume_signal) || type == typeid(exit_signal)
      || type == typeid(stop_order) || type == typeid(call_taken) || type == typeid(call_finished)
      || type == typeid(child_started) || type == typeid(child_gone);
}

// Who found a process before it was out of the table may still be at its mailbox: for a moment, unless its thread has
// been stopped there. Nobody comes any more.
void see_off_visitors(const process_stats& t, std::uint32_t but) noexcept {
  while (t.visitors.load(std::memory_order_acquire) != but)
    std::this_thread::yield();
}

}  // namespace

// -- life ------------------------------------------------------------------------------

process::process(process_context& c)
    : caf::event_based_actor{c},
      environment_{*config_of(*this).env},
      mail_hook_{config_of(*this).mail},
      id_{environment_.processes().reserve()} {
  auto& config = static_cast<detail::process_config&>(c);  // See process_config: there are no others.
  parent_ = config.how.parent;
  start_ref_ = config.how.start_ref;
  name_at_birth_ = std::move(config.how.name);
  claim_ = std::move(config.how.claim);
  stats_.parent = parent_;
  stats_.label = std::move(config.how.label);
  stats_.incarnation = config.how.incarnation;
  stats_.position = config.how.position;
  stats_.object_bytes = static_cast<std::uint32_t>(config.object_bytes);
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
  auto& table = environment_.processes();
  // Only when the constructor of a derived class threw.
  if (!has_ended_)
    table.retire(id_, reason::crashed("never started"));
  // All members of the derived classes are gone: a successor may take its place (M4).
  if (!is_launched_ || start_ref_ == 0)
    return;
  auto tell = [&table, parent = parent_, gone = child_gone{start_ref_, stage_, std::move(ended_)}] {
    table.tell(parent, gone);
  };
  if (mail_hook_ == nullptr)
    tell();
  else
    mail_hook_->after_sends(*this, std::move(tell));
}

void process::launch(caf::execution_unit* eu, bool lazy, bool hide) {
  auto& table = environment_.processes();
  stats_.kind = &typeid(*this);
  stats_.born = table.next_ref();
  stats_.started_at = now();
  stats_.visitors = 1;  // Its spawner, until it lets go.
  // First: who learns of it by its name may send to it.
  table.publish(id_, caf::strong_actor_ptr{ctrl()}, stats_);
  try {
    if (auto claim = std::exchange(claim_, nullptr))
      claim(id_);
    if (!name_at_birth_.empty())
      take_name();
  } catch (...) {
    has_ended_ = true;
    table.retire(id_, reason::crashed("never started"));
    see_off_visitors(stats_, 1);
    throw;
  }
  is_launched_ = true;
  if (environment_.events().wants<process_started>())
    environment_.events().emit(process_started{id_, readable_name(typeid(*this)), stats_.label, name_at_birth_, parent_,
                                               stats_.incarnation, stats_.position});
  caf::event_based_actor::launch(eu, lazy, hide);
}

void process::take_name() {
  auto& table = environment_.processes();
  for (;;) {
    auto ok = table.register_name(id_, name_at_birth_);
    if (ok)
      return;
    if (ok.error().code != errc::exists)
      throw std::invalid_argument{ok.error().message};
    if (auto owner = table.whereis(name_at_birth_); owner != 0)
      throw name_taken{name_at_birth_, pid{environment_.self(), owner}};
    // It was given back this very moment.
  }
}

caf::behavior process::make_behavior() {
  stats_.since_ns.store(mark_.time_since_epoch().count(), std::memory_order_relaxed);
  stats_.current.store(&typeid(process_init), std::memory_order_relaxed);
  auto b = init();
  if (!is_start_held_)
    confirm_start();
  if (mail_hook_ == nullptr || !mail_hook_->is_busy(*this))
    stats_.current.store(nullptr, std::memory_order_relaxed);
  if (is_fenced())
    stop_by_signal(reason::killed());
  if (is_stopping_)
    return {};  // A behaviour would revive it.
  // CAF ends an actor that has no behaviour; a process without handlers just waits for its timers.
  return b ? std::move(b) : behavior{[](const resume_signal&) {}};
}

void process::confirm_start() {
  if (stage_ != child_gone::stage::starting || is_stopping_)
    return;
  stage_ = child_gone::stage::running;
  auto& table = environment_.processes();
  if (!name_at_birth_.empty())
    open_name(name_at_birth_);
  if (start_ref_ != 0 && !is_fenced())
    table.tell(parent_, child_started{start_ref_, pending_ ? std::move(pending_->start_info) : std::any{}});
}

void process::hold_start() noexcept { is_start_held_ = true; }

void process::start_info(std::any info) { pending().start_info = std::move(info); }

behavior process::ignore_start() {
  stage_ = child_gone::stage::ignored;
  stop();
  return {};
}

behavior process::refuse_start(reason why) {
  stop(std::move(why));
  return {};
}

const char* process::name() const { return typeid(*this).name(); }

void process::terminate(const reason&) {}

bool process::handle_other(const caf::type_erased_tuple&) { return false; }

bool process::cleanup(caf::error&& why, caf::execution_unit* host) {
  if (!has_ended_) {
    has_ended_ = true;
    // It stopped itself with a reason that is not graceful: as good as a throw, unless it has not even started (S151).
    if (is_stopping_ && !is_crash_reported_ && !is_ended_by_signal_ && !ended_.is_graceful()
        && stage_ == child_gone::stage::running)
      report_crash(ended_, nullptr);
    end(is_stopping_ ? std::move(ended_) : reason_from_caf(why));
  }
  return caf::event_based_actor::cleanup(std::move(why), host);
}

void process::end(reason why) {
  is_stopping_ = true;  // Whatever `terminate` calls.
  ended_ = is_fenced() ? reason::killed() : std::move(why);
  try {
    terminate(ended_);
  } catch (...) {
    environment_.log().error(
        "actors", "terminate() threw",
        {{"process", to_string(self())}, {"what", reason_from_exception(std::current_exception()).text}});
  }
  release_everything(ended_);
  stats_.current = nullptr;
  if (!environment_.processes().retire(id_, ended_))
    ended_ = reason::killed();  // It was given up meanwhile: that is what everybody was told.
  see_off_visitors(stats_, 0);  // Its spawner, too, has let go.
  if (environment_.events().wants<process_ended>())
    environment_.events().emit(process_ended{id_, readable_name(typeid(*this)), to_string(ended_)});
}

void process::release_everything(const reason& why) {
  if (!pending_)
    return;
  auto held = std::move(pending_);
  for (auto& [ref, t] : held->timers)
    environment_.timers().cancel(t.id);
  for (auto& [ref, w] : held->watches)
    if (!w.is_remote)
      environment_.processes().unwatch(w.target, ref);
  for (auto& [ref, c] : held->calls)
    environment_.processes().unwatch(c.callee, ref);
  if (held->has_remote)
    environment_.remote().forget(id_);
  for (auto& p : held->promises)
    if (auto alive = p.lock())
      alive->fail(why);
}

caf::error process::note_crash(const std::exception_ptr& p) {
  auto r = reason_from_exception(p);
  report_crash(r, p);
  // Whatever it wanted before: who stops and then throws has crashed.
  ended_ = r;
  is_stopping_ = true;
  is_ended_by_signal_ = false;
  if (stage_ == child_gone::stage::ignored)
    stage_ = child_gone::stage::starting;
  return to_caf(r);
}

void process::report_crash(const reason& why, const std::exception_ptr& thrown) {
  is_crash_reported_ = true;
  if (is_fenced() || !is_crash_report_wanted(environment_))
    return;
  auto* handling = stats_.current.load(std::memory_order_relaxed);
  auto is_in_handler =
      thrown && handling != nullptr && *handling != typeid(process_init) && current_element_ != nullptr;
  publish(environment_,
          gather_crash_report(environment_, id_, why, thrown, is_in_handler ? &current_element_->content() : nullptr));
}

void process::stop(reason why) {
  if (is_stopping_)
    return;
  is_stopping_ = true;
  ended_ = std::move(why);
  quit(to_caf(ended_));
}

// -- the mailbox -------------------------------------------------------------------------

bool process::refuse_when_full(caf::mailbox_element& m) {
  if (stats_.depth.load(std::memory_order_relaxed) < mailbox_max_.load(std::memory_order_relaxed) || m.mid.is_response()
      || m.mid.category() == caf::message_id::urgent_message_category)
    return false;
  if (is_signal(*type_of(m.content())) || m.content().match_elements<caf::exit_msg>()
      || m.content().match_elements<caf::down_msg>())
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
  // In the simulator a start is a step of its own; CAF would go on with a message in the same one.
  if (mail_hook_ != nullptr && !getf(is_initialized_flag))
    max_throughput = 0;
  return caf::event_based_actor::resume(eu, max_throughput);
}

caf::invoke_message_result process::consume(caf::mailbox_element& m) {
  stats_.depth.fetch_sub(1, std::memory_order_relaxed);
  stats_.since_ns.store(mark_.time_since_epoch().count(), std::memory_order_relaxed);
  auto* type = type_of(m.content());
  stats_.current.store(type, std::memory_order_relaxed);
  stats_.last.store(type, std::memory_order_relaxed);
  current_element_ = &m;  // For callbacks, too: what CAF left there is the message before, which is gone.
  auto outcome = caf::invoke_message_result::consumed;
  if (!handle_reply(m) && !handle_signal(m) && !is_overdue(m))
    outcome = caf::event_based_actor::consume(m);
  if (pending_)
    pending_->made_now.clear();
  auto end = now();
  stats_.busy_ns.fetch_add((end - mark_).count(), std::memory_order_relaxed);
  if (outcome == caf::invoke_message_result::skipped)  // Back it goes.
    stats_.depth.fetch_add(1, std::memory_order_relaxed);
  else
    stats_.handled.fetch_add(1, std::memory_order_relaxed);
  if (mail_hook_ == nullptr || !mail_hook_->is_busy(*this))
    stats_.current.store(nullptr, std::memory_order_relaxed);
  mark_ = end;
  if (is_fenced())
    stop_by_signal(reason::killed());
  return outcome;
}

bool process::handle_signal(caf::mailbox_element& m) {
  auto& content = m.content();
  const auto& type = *type_of(content);
  if (type == typeid(timer_signal)) {
    auto ref = content.get_as<timer_signal>(0).ref;
    if (pending_) {
      if (auto t = pending_->timers.extract(ref)) {
        stats_.pending.fetch_sub(1, std::memory_order_relaxed);
        t.mapped().run();
      }
    }
  } else if (type == typeid(down_signal)) {
    const auto& down = content.get_as<down_signal>(0);
    if (pending_) {
      if (auto w = pending_->watches.extract(down.ref)) {
        if (planted::is_on(planted::bug::down_twice) && w.mapped().is_remote)
          pending_->watches[down.ref] = w.mapped();
        else
          stats_.pending.fetch_sub(1, std::memory_order_relaxed);
        w.mapped().run(down.why);
      } else if (pending_->calls.contains(down.ref)) {
        finish_call(down.ref, call_error{call_error::kind::crashed, down.why});
      }
    }
  } else if (type == typeid(resume_signal)) {
    content.get_as<resume_signal>(0).run();
  } else if (type == typeid(exit_signal)) {
    handle_exit(content.get_as<exit_signal>(0));
  } else if (type == typeid(call_taken)) {
    const auto& taken = content.get_as<call_taken>(0);
    if (pending_ && pending_->calls.contains(taken.ref))
      pending_->calls[taken.ref].callee = taken.callee;
    else  // Its time was up while it was parked.
      environment_.processes().unwatch(taken.callee, taken.ref);
  } else if (type == typeid(call_finished)) {
    const auto& f = content.get_as<call_finished>(0);
    finish_call(f.ref, f.outcome);
  } else if (type == typeid(stop_order)) {
    handle_stop_order(content.get_as<stop_order>(0).why);
  } else {
    return false;
  }
  return true;
}

// The table of S1; a signal of a link is one of somebody who died, whose `kill` was not meant for us (S2).
void process::handle_exit(const exit_signal& e) {
  if (e.is_counted)
    stats_.stop_signals.fetch_sub(1, std::memory_order_relaxed);
  if (e.is_link && !environment_.processes().forget_link(id_, e.from.id()))
    return;
  if (e.why.is_kill() && !e.is_link)
    stop_by_signal(reason::killed());
  else if (pending_ && pending_->on_exit)
    std::function{pending_->on_exit}(e);  // A copy: it may replace itself.
  else if (!e.why.is_normal())
    stop_by_signal(e.why);
}

void process::stop_by_signal(const reason& why) {
  is_ended_by_signal_ = !is_stopping_;
  stop(why);
}

void process::busy_is_over() { stats_.current.store(nullptr, std::memory_order_relaxed); }

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

}  // namespace beamline
