#pragma once

#include "supervision/tasks/task_context.hpp"

#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

namespace beamline::supervision::detail {

/// The three forms of a task's function; `Args` are the item of a stream, or nothing.
template <class F, class... Args>
concept function_with_context = std::invocable<F&, task_context&, Args...>;
template <class F, class... Args>
concept function_alone = !function_with_context<F, Args...> && std::invocable<F&, Args...>;
template <class R, class F, class... Args>
concept function_with_promise = std::invocable<F&, task_context&, Args..., task_promise<R>>;

template <class F, class... Args>
struct plain_result {};
template <class F, class... Args>
  requires function_with_context<F, Args...>
struct plain_result<F, Args...> : std::invoke_result<F&, task_context&, Args...> {
};
template <class F, class... Args>
  requires function_alone<F, Args...>
struct plain_result<F, Args...> : std::invoke_result<F&, Args...> {
};

/// What a function without a promise returns; no type for others.
template <class F, class... Args>
using plain_result_t = std::decay_t<typename plain_result<F, Args...>::type>;

/// A task that runs `F`.
template <class R, class F, class... Args>
class function_task final : public task_context {
  static_assert(function_with_promise<R, F, Args...> || function_with_context<F, Args...> || function_alone<F, Args...>,
                "a task is R(), R(task_context&) or void(task_context&, task_promise<R>); of a stream with its item "
                "behind the context");

public:
  function_task(process_context& c, task_start s, F fn, Args... args)
      : task_context{c, std::move(s)}, fn_{std::move(fn)}, args_{std::move(args)...} {}

private:
  void run() override {
    if constexpr (function_with_promise<R, F, Args...>) {
      auto p = task_promise<R>{std::make_shared<task_promise_state>(*this)};
      std::apply([&](Args&... a) { fn_(*this, std::move(a)..., std::move(p)); }, args_);
    } else {
      auto call = [&](Args&... a) -> decltype(auto) {
        if constexpr (function_with_context<F, Args...>)
          return fn_(*this, std::move(a)...);
        else
          return fn_(std::move(a)...);
      };
      if constexpr (std::is_void_v<R>) {
        std::apply(call, args_);
        deliver(std::make_shared<std::monostate>());
      } else {
        deliver(std::make_shared<R>(std::apply(call, args_)));
      }
    }
  }

  F fn_;
  std::tuple<Args...> args_;
};

}  // namespace beamline::supervision::detail
