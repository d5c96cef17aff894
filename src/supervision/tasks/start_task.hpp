#pragma once

#include "actors/process_access.hpp"
#include "supervision/tasks/function_task.hpp"
#include "supervision/tasks/task_options.hpp"

#include <type_traits>
#include <utility>
#include <vector>

namespace beamline::supervision {

namespace detail {

[[nodiscard]] child_spec task_spec(const start_task_options& o, std::string function);

template <class F>
child_spec make_task_child(F fn, const start_task_options& o, std::vector<pid> callers) {
  constexpr bool is_later = function_with_promise<void, F>;
  using value = typename std::conditional_t<is_later, std::type_identity<void>, plain_result<F>>::type;
  auto function = readable_name(typeid(F));
  task_start born{.label = o.task.label, .function = function, .callers = std::move(callers)};
  auto spec = task_spec(o, std::move(function));
  spec.start = [born, fn = std::move(fn)](starter& by) -> start_outcome {
    return by.spawn<function_task<std::decay_t<value>, F>>(born, fn);  // A copy for each life: it starts from scratch.
  };
  return spec;
}

}  // namespace detail

/// A task nobody waits for, as a child of any supervisor (S130): also `node.call_sync<start_answer>(sup,
/// start_child{task_child(fn)}, 5s)`. The function is `void()`, `void(task_context&)` (a value is dropped), or
/// `void(task_context&, task_promise<void>)`; it is copied for each life. Throws std::invalid_argument.
template <class F>
[[nodiscard]] child_spec task_child(F fn, const start_task_options& o = {}) {
  return detail::make_task_child(std::move(fn), o, {});
}

/// Starts such a task in the name of `owner`; neither linked nor awaited. `on_start(start_answer)` hears whether it
/// was.
template <class F, class OnStart>
void start_task(process& owner, const pid& supervisor, F fn, const start_task_options& o, OnStart on_start) {
  auto spec = detail::make_task_child(std::move(fn), o, detail::callers_of(owner));
  process_access{owner}
      .call<start_answer>(supervisor, start_child{std::move(spec)}, detail::supervisor_answer_max)
      .then([f = on_start](const start_answer& a) mutable { f(a); },
            [f = on_start](const call_error& e) mutable {
              f(start_answer{child_error{.what = child_error::kind::start_failed,
                                         .detail = "the supervisor did not answer: " + to_string(e)}});
            });
}
/// For an owner that does not care: it goes on without the task when it is refused.
template <class F>
void start_task(process& owner, const pid& supervisor, F fn, const start_task_options& o = {}) {
  start_task(owner, supervisor, std::move(fn), o, [](const start_answer&) {});
}

}  // namespace beamline::supervision
