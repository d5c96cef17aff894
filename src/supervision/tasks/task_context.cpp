#include "supervision/tasks/task_context.hpp"

#include "base/log.hpp"
#include "supervision/tasks/events.hpp"

namespace beamline::supervision {

namespace detail {

std::vector<pid> callers_of(process& owner) {
  std::vector<pid> all{owner.self()};
  if (auto* t = dynamic_cast<task_context*>(&owner))
    all.insert(all.end(), t->callers().begin(), t->callers().end());
  if (all.size() > task_context::callers_max)
    all.resize(task_context::callers_max);
  return all;
}

task_promise_state::task_promise_state(task_context& t) : task_{t}, table_{t.env().processes()}, id_{t.self().id()} {}

task_promise_state::~task_promise_state() {
  // The last copy may go with a function on another thread (`resume_with`): only the task's own turn may end it.
  if (!is_answered_)
    table_.tell(id_, resume_signal{[t = &task_] {
                  t->stop(reason::crashed("the task dropped its promise without giving a value"));
                }});
}

void task_promise_state::set(raw_value v) {
  if (std::exchange(is_answered_, true))
    return;
  task_.deliver(std::move(v));
}

void task_promise_state::fail(const reason& why) {
  if (std::exchange(is_answered_, true))
    return;
  task_.stop(why);
}

}  // namespace detail

task_context::task_context(process_context& c, detail::task_start s) : process{c}, start_{std::move(s)} {
  // Before anything of it can happen: so the waiter hears how it ends, whatever becomes of it.
  if (start_.waiter)
    env().processes().watch(self().id(), start_.down_ref, start_.waiter.id());
}

behavior task_context::init() {
  if (start_.is_linked)
    start_.cell->link([this] { link(start_.waiter); });
  // In a turn of its own: it has started, whatever the function does; and it does not run when the owner is dead.
  resume_with([this] { start(); })();
  return {};
}

void task_context::start() {
  try {
    run();
  } catch (const detail::task_failed& f) {
    stop(f.why);
  }
}

void task_context::deliver(detail::raw_value v) {
  if (start_.deliver && !is_fenced())
    start_.deliver(std::move(v));
  stop();
}

std::vector<pid> task_context::ancestors() const {
  std::vector<pid> all;
  auto next = parent();
  while (next) {
    all.push_back(next);
    auto info = env().processes().info(next.id(), now());
    next = info && info->parent != 0 ? pid{env().self(), info->parent} : pid{};
  }
  return all;
}

void task_context::terminate(const reason& why) {
  // Its own failures only (S133): who ended it from outside knows why.
  if (is_ended_by_signal() || why.is_graceful() || is_fenced())
    return;
  auto me = to_string(self());
  auto starter = to_string(owner());
  auto text = to_string(why);
  env().events().emit(task_terminated{self().id(), start_.label, owner().id(), start_.function, text});
  env().log().error("tasks", "task terminated",
                    {{"task", start_.label},
                     {"process", me},
                     {"starter", starter},
                     {"supervisor", to_string(parent())},
                     {"function", start_.function},
                     {"reason", text}});
}

}  // namespace beamline::supervision
