#include "supervision/tasks/task_core.hpp"

#include <stdexcept>

namespace beamline::supervision::detail {

namespace {

task_error not_started(const call_error& e) {
  switch (e.what) {
    case call_error::kind::noproc: return {task_error::kind::not_started, reason::noproc()};
    case call_error::kind::noconnection: return {task_error::kind::not_started, reason::noconnection()};
    case call_error::kind::crashed: return {task_error::kind::not_started, e.why};
    case call_error::kind::busy:
    case call_error::kind::timeout: break;
  }
  return {task_error::kind::not_started, reason::custom("its supervisor is " + beamline::to_string(e))};
}

}  // namespace

/// What the owner's watch holds. When the owner ends before the task, the functions that wait go with it: they may hold
/// the task itself, and promises of the owner.
class task_core::keeper {
public:
  explicit keeper(std::shared_ptr<task_core> c) : core{std::move(c)} {}
  ~keeper() {
    if (core->down_ref_ != 0)
      core->waiter_ = nullptr;
  }
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;

  const std::shared_ptr<task_core> core;
};

// -- start -----------------------------------------------------------------------------

std::shared_ptr<task_core> task_core::start(process& owner, const pid& supervisor, task_plan plan) {
  require_valid(plan.options);
  auto core = std::make_shared<task_core>(owner, supervisor, plan);
  core->ask_supervisor(std::move(plan));
  return core;
}

task_core::task_core(process& owner, pid supervisor, const task_plan& plan)
    : owner_{owner},
      supervisor_{std::move(supervisor)},
      label_{plan.options.label},
      kill_grace_{plan.options.kill_grace},
      is_linked_{plan.is_linked} {}

void task_core::ask_supervisor(task_plan plan) {
  auto weak = weak_from_this();
  // A watch without a target: the task installs it on itself when it is made (task_context).
  auto& me = owner_.self();
  auto kept = std::make_shared<keeper>(shared_from_this());
  down_ref_ = owner_.watch(me.self(), [kept](const reason& why) { kept->core->note_down(why); });
  me.env().processes().unwatch(me.self().id(), down_ref_);

  auto born = std::make_shared<task_start>(
      task_start{.label = label_, .function = plan.function, .callers = std::move(plan.callers), .cell = cell_});
  born->waiter = me.self();
  born->down_ref = down_ref_;
  born->is_linked = is_linked_;
  born->deliver = owner_.resume_with([weak](raw_value v) {
    if (auto core = weak.lock())
      core->come(std::move(v));
  });

  child_spec spec;
  spec.id = label_;
  spec.name = plan.options.name;
  spec.kind = plan.function;
  spec.restart = restart_type::temporary;
  spec.shutdown = plan.options.shutdown;
  spec.kill_grace = plan.options.kill_grace;
  spec.has_own_thread = plan.options.has_own_thread;
  spec.start = [cell = cell_, born, spawn = std::move(plan.spawn)](starter& by) -> start_outcome {
    auto who = cell->start([&] { return spawn(by, std::move(*born)); });
    return who ? start_outcome{who} : start_outcome{start_ignored{}};
  };
  owner_.call<start_answer>(supervisor_, start_child{std::move(spec)}, supervisor_answer_max)
      .then(
          [weak](const start_answer& a) {
            if (auto core = weak.lock(); core && !a)
              core->come(task_error{task_error::kind::not_started, a.error().why, a.error()});
          },
          [weak](const call_error& e) {
            // It may run all the same when it was started before its supervisor died: then its end tells more.
            if (auto core = weak.lock(); core && !core->cell_->cancel())
              core->come(not_started(e));
          });
}

// -- waiting ---------------------------------------------------------------------------

void task_core::require_turn(const char* verb) const {
  auto& me = owner_.self();
  auto info = me.env().processes().info(me.self().id(), owner_.now());
  if (info && info->state != process_state::running && info->state != process_state::zombie)
    throw std::logic_error{std::string{verb} + " of task \"" + label_ + "\": only its owner " + to_string(me.self())
                           + " may do that, in a turn of its own"};
}

void task_core::require_free(const char* verb) const {
  require_turn(verb);
  auto told = [&](const char* why) { return std::string{verb} + " of task \"" + label_ + "\": " + why; };
  if (is_spent_)
    throw std::logic_error{told("its outcome was handed over, or given up, before; it has one only")};
  if (is_waited_)
    throw std::logic_error{told("its owner waits for it already; one await, yield or shutdown at a time")};
}

void task_core::wait(duration within, continuation fn) {
  is_waited_ = true;
  auto core = shared_from_this();
  if (outcome_) {
    owner_.resume_with([core, f = std::move(fn)]() mutable {
      core->waiter_ = std::move(f);
      core->conclude(std::exchange(core->outcome_, std::nullopt));
    })();
    return;
  }
  waiter_ = std::move(fn);
  if (within != duration::max())
    timer_ = owner_.run_after(within, [core] { core->conclude(std::nullopt); });
}

void task_core::await(duration within, std::function<void(raw_outcome)> fn) {
  require_free("await");
  wait(within, [core = weak_from_this(), f = std::move(fn)](std::optional<raw_outcome> o) {
    if (!o)
      if (auto alive = core.lock())
        alive->spend();
    f(o ? std::move(*o) : raw_outcome{task_error{task_error::kind::timeout}});
  });
}

void task_core::yield(duration within, continuation fn) {
  require_free("yield");
  wait(within, std::move(fn));
}

void task_core::come(raw_outcome o) {
  if (is_spent_ || outcome_)
    return;
  auto keep = shared_from_this();
  if (ordered_ && down_ref_ != 0) {  // It was faster than the order to end; its end is awaited all the same.
    outcome_ = std::move(o);
    return;
  }
  owner_.unwatch(std::exchange(down_ref_, 0));
  if (is_waited_)
    conclude(std::move(o));
  else
    outcome_ = std::move(o);
}

void task_core::conclude(std::optional<raw_outcome> o) {
  if (!std::exchange(is_waited_, false)) {
    waiter_ = nullptr;
    return;
  }
  auto keep = shared_from_this();
  owner_.cancel(std::exchange(timer_, 0));
  if (o || ordered_)
    spend();
  std::exchange(waiter_, nullptr)(std::move(o));
}

void task_core::spend() {
  is_spent_ = true;
  outcome_.reset();
  owner_.unwatch(std::exchange(down_ref_, 0));
}

void task_core::note_down(const reason& why) {
  down_ref_ = 0;
  if (ordered_ && outcome_)
    conclude(std::exchange(outcome_, std::nullopt));
  else if (ordered_ && why == *ordered_)
    conclude(std::nullopt);
  else
    come(task_error{task_error::kind::ended, why});
}

// -- ending it -------------------------------------------------------------------------

void task_core::shutdown(shutdown_policy how, continuation fn) {
  require_free("shutdown");
  if (outcome_)
    wait(duration::max(), std::move(fn));
  else
    order_end(how, std::move(fn));
}

void task_core::order_end(shutdown_policy how, continuation fn) {
  ordered_ = how.is_brutal_kill() ? reason::killed() : reason::shutdown();
  auto who = cell_->cancel();
  is_waited_ = true;
  waiter_ = std::move(fn);
  auto core = shared_from_this();
  if (!who) {
    owner_.resume_with([core] { core->conclude(std::nullopt); })();
    return;
  }
  // What it ends with is asked for: no signal to a linked owner.
  owner_.unlink(who);
  if (how.is_brutal_kill())
    return kill(who);
  owner_.exit(who, reason::shutdown());
  if (!how.is_infinity())
    timer_ = owner_.run_after(how.limit(), [core, who] { core->kill(who); });
}

void task_core::kill(const pid& who) {
  owner_.exit(who, reason::kill());
  // One that is stuck in its handler cannot be killed (M9): its supervisor gives it up then, and the watch says so.
  timer_ = owner_.run_after(kill_grace_, [core = shared_from_this(), who] {
    core->timer_ = 0;
    core->owner_.call<change_answer>(core->supervisor_, terminate_child{{}, who}, supervisor_answer_max)
        .then([](const change_answer&) {}, [](const call_error&) {});
  });
}

std::optional<raw_outcome> task_core::ignore() {
  require_free("ignore");
  auto had = std::exchange(outcome_, std::nullopt);
  if (auto who = cell_->detach(); who && is_linked_)
    owner_.unlink(who);
  spend();
  return had;
}

void task_core::give_up() {
  if (is_spent_)
    return;
  auto keep = shared_from_this();
  is_waited_ = false;
  waiter_ = nullptr;
  owner_.cancel(std::exchange(timer_, 0));
  spend();
}

void task_core::end_now(std::function<void()> fn) {
  auto told = [f = std::move(fn)](const std::optional<raw_outcome>&) { f(); };
  if (ordered_) {
    waiter_ = std::move(told);
    return;
  }
  owner_.cancel(std::exchange(timer_, 0));
  order_end(shutdown_policy::brutal_kill(), std::move(told));
}

void task_core::abandon() {
  if (is_spent_)
    return;
  if (auto who = cell_->cancel(); who && !outcome_) {
    owner_.unlink(who);
    owner_.exit(who, reason::kill());
  }
  give_up();
}

}  // namespace beamline::supervision::detail
