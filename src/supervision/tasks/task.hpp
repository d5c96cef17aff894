#pragma once

// Tasks: a function that runs as a process of its own under a supervisor, and whose value somebody waits for
// (S125-S133).
//
//   auto t = async(*this, tasks_, [url] { return fetch(url); });
//   t.await(5s, [this](const page& p) {...}, [this](const task_error& e) {...});
//
// The supervisor is a task_supervisor, or any other that understands `start_child`. The owner never blocks: await,
// yield and shutdown take functions, called in a later turn of the owner. Nothing of a task ever reaches the owner's
// handlers.
//
// The function is one of
//   R()                                       it must not block: see task_options::has_own_thread
//   R(task_context&)                          with the tools of a process
//   void(task_context&, task_promise<R>)      the value comes later; the task goes on until then. `async<R>(...)`
// and is called once, in the task; what it needs it holds by value. A throw ends the task with `crashed`.
//
// `async` links task and owner: when the task fails, an owner that does not trap exits ends with the same reason; when
// the owner fails, the task ends. `async_nolink` does neither: the owner gets the outcome, that is all.

#include "supervision/tasks/function_task.hpp"
#include "supervision/tasks/task_core.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace beamline::supervision {

/// The owner's hold on a task. Copies are the same task. Only to be used in turns of the owner, by it. Dropping it
/// changes nothing: the task goes on, linked or not.
///
/// There is one outcome and it is handed over once, by the first of these functions that gives it; asking again, or
/// twice at the same time, throws std::logic_error.
template <class R>
class task {
public:
  using outcome = task_outcome<R>;

  explicit task(std::shared_ptr<detail::task_core> c) : core_{std::move(c)} {}

  /// Calls `on_value(value)` (`on_value()` for void), or `on_error(task_error)`: `timeout` after `within`, and then
  /// the task goes on but its value is dropped (S126). To ask again later use `yield`.
  template <class OnValue, class OnError>
  void await(duration within, OnValue on_value, OnError on_error) const {
    core_->await(within, [v = std::move(on_value), e = std::move(on_error)](detail::raw_outcome raw) mutable {
      auto got = outcome{std::move(raw)};
      if (!got)
        e(got.error());
      else if constexpr (std::is_void_v<R>)
        v();
      else
        v(std::move(*got));
    });
  }

  /// The same for an owner that cannot go on without the value: it ends with the task's reason, or `custom: ...
  /// timeout`.
  template <class OnValue>
  void await(duration within, OnValue on_value) const {
    await(within, std::move(on_value), [&owner = core_->owner(), label = core_->label()](const task_error& e) {
      process_access{owner}.stop(as_exit_reason(e, label));
    });
  }

  /// Calls `fn(std::optional<task_outcome<R>>)`: with the outcome, or nothing after `within`; then the task still runs
  /// and may be asked again (S127).
  template <class Fn>
  void yield(duration within, Fn fn) const {
    core_->yield(within, typed(std::move(fn)));
  }

  /// Ends the task and calls `fn(std::optional<task_outcome<R>>)` when it is gone: with the outcome if it had one by
  /// then, or ended otherwise than as told (`killed`, when it took longer than the policy's limit); else nothing.
  /// One that is stuck in its handler is left to its supervisor's zombie policy, and counts as `killed` (M23).
  template <class Fn>
  void shutdown(shutdown_policy how, Fn fn) const {
    core_->shutdown(how, typed(std::move(fn)));
  }

  /// Lets go of the task: it goes on, not linked any more. Returns the outcome, if there is one already.
  std::optional<outcome> ignore() const {
    auto raw = core_->ignore();
    return raw ? std::optional<outcome>{outcome{std::move(*raw)}} : std::nullopt;
  }

  /// Its process; empty while its supervisor has not come to start it.
  [[nodiscard]] pid who() const { return core_->who(); }
  [[nodiscard]] const std::string& label() const noexcept { return core_->label(); }
  [[nodiscard]] const std::shared_ptr<detail::task_core>& core() const noexcept { return core_; }

private:
  template <class Fn>
  static detail::task_core::continuation typed(Fn fn) {
    return [f = std::move(fn)](std::optional<detail::raw_outcome> raw) mutable {
      f(raw ? std::optional<outcome>{outcome{std::move(*raw)}} : std::nullopt);
    };
  }

  std::shared_ptr<detail::task_core> core_;
};

namespace detail {

template <class R, class F>
task<R> start_async(process& owner, const pid& supervisor, F fn, task_options o, bool is_linked) {
  auto once = std::make_shared<F>(std::move(fn));
  return task<R>{task_core::start(owner, supervisor,
                                  task_plan{.options = std::move(o),
                                            .function = readable_name(typeid(F)),
                                            .is_linked = is_linked,
                                            .callers = callers_of(owner),
                                            .spawn = [once](starter& by, task_start s) {
                                              return by.spawn<function_task<R, F>>(std::move(s), std::move(*once));
                                            }})};
}

}  // namespace detail

/// A linked task of `owner`: `async(*this, ...)`. Throws std::invalid_argument for invalid options; that its supervisor
/// refuses it is an outcome, `not_started`, and ends nobody by itself.
template <class F>
auto async(process& owner, const pid& supervisor, F fn, task_options o = {}) -> task<detail::plain_result_t<F>> {
  return detail::start_async<detail::plain_result_t<F>>(owner, supervisor, std::move(fn), std::move(o), true);
}
template <class R, class F>
task<R> async(process& owner, const pid& supervisor, F fn, task_options o = {}) {
  return detail::start_async<R>(owner, supervisor, std::move(fn), std::move(o), true);
}

/// A task of `owner` that is not linked with it.
template <class F>
auto async_nolink(process& owner, const pid& supervisor, F fn, task_options o = {}) -> task<detail::plain_result_t<F>> {
  return detail::start_async<detail::plain_result_t<F>>(owner, supervisor, std::move(fn), std::move(o), false);
}
template <class R, class F>
task<R> async_nolink(process& owner, const pid& supervisor, F fn, task_options o = {}) {
  return detail::start_async<R>(owner, supervisor, std::move(fn), std::move(o), false);
}

}  // namespace beamline::supervision
