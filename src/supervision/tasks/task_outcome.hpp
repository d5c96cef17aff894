#pragma once

#include "actors/reason.hpp"
#include "supervision/api.hpp"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace beamline::supervision {

/// Why a task gave no value.
struct task_error {
  enum class kind : std::uint8_t {
    timeout,      // Not in time; what it gives later is dropped.
    ended,        // It ended with `why` before it gave a value.
    not_started,  // Its supervisor refused it (`refused`), or is not there (`why`).
  };

  kind what = kind::timeout;
  reason why{};
  std::optional<child_error> refused{};
};
[[nodiscard]] std::string_view to_string(task_error::kind k) noexcept;
/// `ended: crashed: division by zero`.
[[nodiscard]] std::string to_string(const task_error& e);

/// What a process ends with that waited for a task in vain (S126): never `normal`, which would pass for success.
[[nodiscard]] reason as_exit_reason(const task_error& e, const std::string& task_label);

namespace detail {

/// A task's value with its type left out.
using raw_value = std::shared_ptr<void>;
using raw_outcome = std::variant<raw_value, task_error>;

/// What stands for the value of a task of void.
template <class R>
using task_value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

}  // namespace detail

/// How a task ended: its value, or why there is none. Of a task of void the value is std::monostate.
template <class R>
class task_outcome {
public:
  using value_type = detail::task_value<R>;

  explicit task_outcome(value_type v) : state_{std::in_place_index<0>, std::move(v)} {}
  explicit task_outcome(task_error e) : state_{std::in_place_index<1>, std::move(e)} {}
  /// Takes the value out of `raw`, which holds a value_type.
  explicit task_outcome(detail::raw_outcome&& raw) : state_{take(std::move(raw))} {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] value_type& operator*() { return std::get<0>(state_); }
  [[nodiscard]] const value_type& operator*() const { return std::get<0>(state_); }
  [[nodiscard]] value_type* operator->() { return &std::get<0>(state_); }
  [[nodiscard]] const value_type* operator->() const { return &std::get<0>(state_); }
  /// Only to be called when `!ok()`.
  [[nodiscard]] const task_error& error() const { return std::get<1>(state_); }

private:
  using state = std::variant<value_type, task_error>;

  static state take(detail::raw_outcome&& raw) {
    if (auto* e = std::get_if<task_error>(&raw))
      return state{std::in_place_index<1>, std::move(*e)};
    return state{std::in_place_index<0>, std::move(*static_cast<value_type*>(std::get<0>(raw).get()))};
  }

  state state_;
};

}  // namespace beamline::supervision
