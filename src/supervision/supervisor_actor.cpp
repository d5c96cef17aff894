#include "supervision/supervisor_actor.hpp"

#include "actors/reason_codec.hpp"
#include "base/log.hpp"
#include "supervision/parts.hpp"

#include <cstdlib>

namespace beamline::supervision {

// -- life --------------------------------------------------------------------------------

behavior supervisor::impl::init() {
  auto decided = decide_(owner_.env());
  decide_ = nullptr;
  if (std::holds_alternative<start_ignored>(decided))
    return owner_.ignore_start();
  if (auto* why = std::get_if<reason>(&decided))
    return owner_.refuse_start(*why);
  auto& spec = std::get<supervisor_spec>(decided);
  if (auto ok = check_spec(spec); !ok)
    return owner_.refuse_start(reason::custom(ok.error().message));
  owner_.trap_exits([this](const exit_signal& e) {
    if (!e.from || e.from == owner_.parent())  // Strangers cannot stop a supervisor (S77, S78); the node can.
      stop(e.why);
  });
  make_board();
  owner_.hold_start();
  is_in_init_ = true;
  core_.start(std::move(spec), owner_.now());
  is_in_init_ = false;
  return ended_ ? owner_.refuse_start(*ended_) : make_handlers();
}

void supervisor::impl::terminate() {
  if (!board_)
    return;  // It never began.
  for (const auto& [position, s] : core_.slots().all()) {
    if (!core_.has_ended() && s.is_alive())
      owner_.exit(s.who, reason::killed());  // S17
    if (s.spec.park_max > 0)
      withdraw_name(s.spec);
  }
  if (auto* boards = owner_.env().find<board_registry>())
    boards->remove(owner_.self().id());
}

void supervisor::impl::end(const reason& why) {
  ended_ = why;
  if (!is_in_init_)
    owner_.stop(why);
}

void supervisor::impl::abort(const std::string& why) {
  owner_.env().log().critical("supervision", "ending the operating system process", {{"why", why}});
  owner_.env().log().flush();
  if (auto* handler = owner_.env().find<abort_handler>())
    handler->run(why);
  else
    std::abort();
}

// -- messages -----------------------------------------------------------------------------

template <class Answer>
caf::response_promise supervisor::impl::take(supervisor_core::any_request r) {
  auto from = owner_.caller();  // The promise takes the sender out of the message.
  auto p = owner_.promise<Answer>();
  auto token = ++last_token_;
  if constexpr (std::is_same_v<Answer, start_answer>)
    starts_.emplace(token, p);
  else
    changes_.emplace(token, p);
  core_.handle_request(std::move(r), token, from, owner_.now());
  return p;
}

behavior supervisor::impl::make_handlers() {
  return handlers([this](const child_started& m) { core_.handle_started(m.start_ref, m.info, owner_.now()); },
                  [this](const child_gone& m) { core_.handle_gone(m.start_ref, m.when, m.why, owner_.now()); },
                  [this](start_child& m) { return take<start_answer>(std::move(m)); },
                  [this](restart_child& m) { return take<start_answer>(std::move(m)); },
                  [this](terminate_child& m) { return take<change_answer>(std::move(m)); },
                  [this](delete_child& m) { return take<change_answer>(std::move(m)); },
                  [this](update_supervisor& m) { return take<change_answer>(std::move(m)); },
                  [this](const which_children&) { return core_.list(); },
                  [this](const which_child& m) { return core_.find(m.id); },
                  [this](const count_children&) { return core_.count(); },
                  [this](const get_child_spec& m) { return core_.spec_of(m.id); },
                  [this](const which_zombies&) { return core_.zombies(owner_.now()); },
                  [this](const get_status&) { return core_.status(owner_.now()); });
}

void supervisor::impl::reply(std::uint64_t token, const start_answer& a) {
  if (auto p = starts_.extract(token))
    p.mapped().set(a);
}

void supervisor::impl::reply(std::uint64_t token, const change_answer& a) {
  if (auto p = changes_.extract(token))
    p.mapped().set(a);
}

void supervisor::impl::report(supervision::report r) {
  r.supervisor = owner_.self();
  r.supervisor_label = label_;
  if (r.last_message.empty())
    r.last_message = handler_name(owner_.env().processes().last_handled(r.child.id()));
  publish(owner_.env(), r);
}

// -- children -------------------------------------------------------------------------------

supervisor_port::spawn_outcome supervisor::impl::spawn(const spawn_order& o) {
  const auto& s = o.what;
  birth how;
  how.parent = owner_.self().id();
  how.start_ref = o.ref;
  how.name = s.spec.name;
  how.label = s.spec.id;
  how.incarnation = s.incarnation;
  how.position = s.position;
  how.has_own_thread = s.spec.has_own_thread;
  starter by{owner_, std::move(how)};
  try {
    return judge(s.spec.start(by), by, o.ref);
  } catch (const name_taken& e) {
    if (!by.spawned())
      return name_conflict{e.owner()};
    return judge(reason::crashed(e.what()), by, o.ref);
  } catch (...) {
    return judge(reason_from_exception(std::current_exception()), by, o.ref);
  }
}

supervisor_port::spawn_outcome supervisor::impl::judge(start_outcome outcome, const starter& by, std::uint64_t ref) {
  auto* who = std::get_if<pid>(&outcome);
  if (who != nullptr && *who && *who == by.spawned())
    return spawned{*who, false};
  if (by.spawned()) {  // Nobody would look after it.
    owner_.exit(by.spawned(), reason::kill());
    if (who != nullptr)
      return reason::custom("bad_return: the start function spawned one process and returned another");
  }
  if (auto* why = std::get_if<reason>(&outcome))
    return std::move(*why);
  if (who == nullptr)
    return start_ignored{};
  if (!*who)
    return reason::custom("bad_return: the start function returned a pid that is nobody's");
  owner_.watch(
      *who, [this, ref](const reason& why) { core_.handle_gone(ref, child_gone::stage::running, why, owner_.now()); });
  return spawned{*who, true};
}

bool supervisor::impl::fence(const pid& who) {
  auto& table = owner_.env().processes();
  return table.fence(table.resolve(who), owner_.now());
}

std::optional<supervisor_port::child_facts> supervisor::impl::facts(const pid& who) const {
  auto info = owner_.env().processes().info(who.id(), owner_.now());
  if (!info)
    return {};
  return child_facts{.handling = info->current, .last = info->last, .handling_for = info->current_age};
}

// -- time -------------------------------------------------------------------------------------

void supervisor::impl::arm(std::uint64_t key, duration d) {
  timers_[key] = owner_.run_after(d, [this, key] {
    timers_.erase(key);
    core_.handle_timer(key, owner_.now());
  });
}

void supervisor::impl::disarm(std::uint64_t key) {
  if (auto t = timers_.extract(key))
    owner_.cancel(t.mapped());
}

/// Not a cast: a full mailbox would drop that.
void supervisor::impl::post_retry(std::uint64_t key) {
  owner_.resume_with([this, key] { core_.handle_retry(key, owner_.now()); })();
}

// -- what others see ----------------------------------------------------------------------------

void supervisor::impl::make_board() {
  auto info = owner_.env().processes().info(owner_.self().id(), owner_.now());
  label_ = !info ? std::string{} : !info->label.empty() ? info->label : !info->name.empty() ? info->name : info->kind;
  board_ = std::make_shared<supervisor_board>(owner_.self(), label_);
  if (auto* boards = owner_.env().find<board_registry>())
    boards->add(owner_.self().id(), board_);
}

void supervisor::impl::slot_changed(const slot& s) {
  if (s.has_process() || core_.is_ending())  // Who reads a board that comes down wants to know what still runs.
    board_->drop(s.position);
  else
    board_->put({.id = s.spec.id,
                 .kind = s.spec.kind,
                 .type = s.spec.type,
                 .state = s.state,
                 .incarnation = s.incarnation,
                 .position = s.position});
}

void supervisor::impl::slot_moved(std::uint64_t old_position, const slot& s) {
  board_->drop(old_position);
  slot_changed(s);
}

}  // namespace beamline::supervision
