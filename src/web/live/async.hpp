#pragma once

#include "actors/reason.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "supervision/tasks/task.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

/// Work that a view or component has done elsewhere, and its result when it is there.
///
///   struct assigns { live::assign<live::async_result<std::vector<org>>> orgs; };
///   s.assign_async(assigns_.orgs, [id = user_] { return load_orgs(id); });           // T() or result<T>()
///   s.assign_async(assigns_.rate, [](supervision::task_context& t, supervision::task_promise<result<rate>> p) {...});
///
///   s.start_async("save", [draft] { return store(draft); }, [this](live::async_outcome<id>& r) {...});
///   s.cancel_async("save");
///
/// The work is a task: a process of its own, which may use what a task may (`T(task_context&)`,
/// `void(task_context&, task_promise<T>)`), and blocks only with `.blocks`. It holds by value what it needs, and never
/// touches the view. `on_done` runs in a turn of the view, which shows what it changed; never after the view, or the
/// component that asked, has gone: their work is killed then. A key names one piece of work at a time: starting another
/// one under it kills the first, of which nothing is heard any more.
namespace beamline::web::live {

/// Why work gave no value.
struct async_failure {
  enum class kind : std::uint8_t {
    error,      // It returned this `result` error: `text`.
    exit,       // It crashed, was killed or could not be started: `why`.
    timeout,    // It was not done in time, and was killed.
    cancelled,  // `cancel_async`; `why`.
  };
  kind what = kind::exit;
  std::string text;  // For people.
  reason why{};
  std::optional<errc> code{};  // With `error`.

  friend bool operator==(const async_failure&, const async_failure&) = default;
};
[[nodiscard]] std::string_view to_string(async_failure::kind k) noexcept;

/// How work ended.
template <class T>
class async_outcome {
public:
  using value_type = supervision::detail::task_value<T>;

  async_outcome(value_type v) : state_{std::in_place_index<0>, std::move(v)} {}     // NOLINT: implicit on purpose
  async_outcome(async_failure f) : state_{std::in_place_index<1>, std::move(f)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] value_type& operator*() { return std::get<0>(state_); }
  [[nodiscard]] const value_type& operator*() const { return std::get<0>(state_); }
  [[nodiscard]] value_type* operator->() { return &std::get<0>(state_); }
  [[nodiscard]] const value_type* operator->() const { return &std::get<0>(state_); }
  [[nodiscard]] const async_failure& failure() const { return std::get<1>(state_); }

private:
  std::variant<value_type, async_failure> state_;
};

/// A value that is being loaded, is there, or could not be had: what `assign_async` keeps up to date.
template <class T>
class async_result {
public:
  /// It was loaded at least once: `result` is there, perhaps not the newest.
  [[nodiscard]] bool ok() const noexcept { return value_.has_value(); }
  /// It is being loaded, for the first time or anew.
  [[nodiscard]] bool loading() const noexcept { return is_loading_; }
  /// Why the last attempt failed; null: it did not.
  [[nodiscard]] const async_failure* failed() const noexcept { return failed_ ? &*failed_ : nullptr; }
  /// Only to be called when `ok()`.
  [[nodiscard]] const T& result() const { return value_.value(); }
  [[nodiscard]] const T& operator*() const { return value_.value(); }
  [[nodiscard]] const T* operator->() const { return &value_.value(); }

  /// The state at the start of an attempt: keeps the value there is unless `is_reset`.
  void start(bool is_reset) {
    is_loading_ = true;
    if (is_reset) {
      value_.reset();
      failed_.reset();
    }
  }
  void finish(async_outcome<T> o) {
    is_loading_ = false;
    if (o) {
      value_ = std::move(*o);
      failed_.reset();
    } else {
      failed_ = o.failure();
    }
  }
  [[nodiscard]] static async_result of(T value) {
    async_result out;
    out.value_ = std::move(value);
    return out;
  }

  friend bool operator==(const async_result&, const async_result&) = default;

private:
  std::optional<T> value_;
  std::optional<async_failure> failed_;
  bool is_loading_ = false;
};

struct async_options {
  // Longer, and it is killed: `timeout`.
  duration timeout = duration::max();
  // It waits for something outside: it gets a thread of its own.
  bool blocks = false;
  // assign_async: forget the value there is while it is loaded anew.
  bool is_reset = false;
  // Whose child it is; empty: the endpoint's task supervisor, or else one that the view starts for itself.
  pid supervisor{};
};

namespace detail {

/// What a function of work promises; `result<T>` is a `T` that may fail.
template <class T>
struct async_value {
  using type = T;
};
template <class T>
struct async_value<result<T>> {
  using type = T;
};
template <class T>
using async_value_t = typename async_value<T>::type;

/// What `assign_async` asks of work for a `T`: what it returns or, of work with a promise, a `T` that may fail.
template <class T, class F>
struct assigned_result {
  using type = result<T>;
};
template <class T, class F>
  requires requires { typename supervision::detail::plain_result<F>::type; }
struct assigned_result<T, F> {
  using type = supervision::detail::plain_result_t<F>;
};
template <class T, class F>
using assigned_result_t = typename assigned_result<T, F>::type;

/// How work ended, with its type left out.
using raw_async = std::variant<supervision::detail::raw_value, async_failure>;

/// One piece of work that is about to be started: makes the task for its owner.
using async_launch = std::function<std::shared_ptr<supervision::detail::task_core>(
    process& owner, const pid& supervisor, supervision::task_options o)>;
using async_done = std::function<void(raw_async)>;

template <class R, class F>
[[nodiscard]] async_launch launch_of(F work) {
  auto once = std::make_shared<F>(std::move(work));
  return [once](process& owner, const pid& supervisor, supervision::task_options o) {
    return supervision::detail::start_async<R, F>(owner, supervisor, std::move(*once), std::move(o), false).core();
  };
}

/// The outcome of work that returns an `R`.
template <class R>
[[nodiscard]] async_outcome<async_value_t<R>> outcome_of(raw_async raw) {
  using value = async_value_t<R>;
  if (auto* failure = std::get_if<async_failure>(&raw))
    return std::move(*failure);
  auto& held = std::get<supervision::detail::raw_value>(raw);
  if constexpr (std::is_same_v<value, R>) {
    return std::move(*static_cast<supervision::detail::task_value<R>*>(held.get()));
  } else {
    auto& r = *static_cast<R*>(held.get());
    if (!r)
      return async_failure{async_failure::kind::error, r.error().message, {}, r.error().code};
    if constexpr (std::is_void_v<value>)
      return std::monostate{};
    else
      return *std::move(r);
  }
}

}  // namespace detail

}  // namespace beamline::web::live
