#pragma once

#include "supervision/tasks/task.hpp"

namespace beamline::supervision {

namespace detail {

template <class R, class OnValues, class OnError>
struct gathering {
  std::vector<std::shared_ptr<task_core>> cores;
  std::vector<std::optional<task_value<R>>> values;
  std::size_t missing;
  OnValues on_values;
  OnError on_error;

  void take(std::size_t i, raw_outcome raw) {
    auto got = task_outcome<R>{std::move(raw)};
    if (!got) {
      for (const auto& c : std::exchange(cores, {}))
        c->give_up();
      return on_error(got.error());
    }
    values[i] = std::move(*got);
    if (--missing == 0)
      give();
  }
  void give() {
    std::vector<task_value<R>> all;
    all.reserve(values.size());
    for (auto& v : values)
      all.push_back(std::move(*v));
    on_values(std::move(all));
  }
};

}  // namespace detail

/// Waits for several tasks of `owner` (S128): `on_values(std::vector<R>)`, in the order of `tasks`, when all have given
/// theirs; or `on_error(task_error)` as soon as one has failed or after `within`. The others then go on, but what they
/// give is dropped.
template <class R, class OnValues, class OnError>
void await_many(process& owner, const std::vector<task<R>>& tasks, duration within, OnValues on_values,
                OnError on_error) {
  auto all = std::make_shared<detail::gathering<R, OnValues, OnError>>(
      detail::gathering<R, OnValues, OnError>{{}, {}, tasks.size(), std::move(on_values), std::move(on_error)});
  all->values.resize(tasks.size());
  if (tasks.empty())
    process_access{owner}.resume_with([all] { all->give(); })();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    all->cores.push_back(tasks[i].core());
    tasks[i].core()->await(within, [all, i](detail::raw_outcome raw) { all->take(i, std::move(raw)); });
  }
}

/// The same for an owner that cannot go on without the values: it ends with the first failure.
template <class R, class OnValues>
void await_many(process& owner, const std::vector<task<R>>& tasks, duration within, OnValues on_values) {
  await_many(owner, tasks, within, std::move(on_values),
             [&owner](const task_error& e) { process_access{owner}.stop(as_exit_reason(e, "one of several")); });
}

/// `fn(std::vector<std::optional<task_outcome<R>>>)`, in the order of `tasks`, when all have ended or after `within`;
/// those that still run have nothing, and may be asked again.
template <class R, class Fn>
void yield_many(process& owner, const std::vector<task<R>>& tasks, duration within, Fn fn) {
  using outcomes = std::vector<std::optional<task_outcome<R>>>;
  struct gathering {
    outcomes all;
    std::size_t missing;
    Fn fn;
  };
  auto g = std::make_shared<gathering>(gathering{outcomes(tasks.size()), tasks.size(), std::move(fn)});
  if (tasks.empty())
    process_access{owner}.resume_with([g] { g->fn(std::move(g->all)); })();
  for (std::size_t i = 0; i < tasks.size(); ++i)
    tasks[i].yield(within, [g, i](std::optional<task_outcome<R>> o) {
      g->all[i] = std::move(o);
      if (--g->missing == 0)
        g->fn(std::move(g->all));
    });
}

}  // namespace beamline::supervision
