#pragma once

#include "actors/pid.hpp"
#include "actors/reason.hpp"
#include "base/time.hpp"

#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace beamline {

class process;

using call_result = std::variant<caf::message, call_error>;
using reply_handler = std::function<void(call_result)>;

namespace detail {

void start_call(process& caller, const pid& to, caf::message m, duration within, reply_handler done);
[[nodiscard]] call_error wrong_reply_type(const caf::message& m);

/// What stands for a value of type `R` in a variant.
template <class R>
using value_or_unit = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

/// Calls `on_value` with the `R` in a reply, or `on_error`.
template <class R, class OnValue, class OnError>
void dispatch_reply(call_result& r, OnValue& on_value, OnError& on_error) {
  if (auto* e = std::get_if<call_error>(&r)) {
    on_error(*e);
    return;
  }
  auto& m = std::get<caf::message>(r);
  if constexpr (std::is_void_v<R>) {
    if (m.empty() || m.match_elements<caf::unit_t>())
      on_value();
    else
      on_error(wrong_reply_type(m));
  } else if (m.match_elements<R>())
    on_value(m.get_as<R>(0));
  else
    on_error(wrong_reply_type(m));
}

}  // namespace detail

/// What a call got: the value (`std::monostate` for a call of void), or why there is none.
template <class R>
using call_outcome = std::variant<detail::value_or_unit<R>, call_error>;

namespace detail {

template <class R>
[[nodiscard]] call_outcome<R> to_outcome(call_result r) {
  call_outcome<R> out{call_error{}};
  auto keep = [&](const auto&... value) { out.template emplace<0>(value...); };
  auto fail = [&](const call_error& e) { out = e; };
  dispatch_reply<R>(r, keep, fail);
  return out;
}

}  // namespace detail

/// A call that was prepared; `.then` makes it. See `process::call`.
template <class R>
class [[nodiscard]] pending_call {
public:
  pending_call(process& caller, pid to, caf::message m, duration within)
      : caller_{caller}, to_{std::move(to)}, message_{std::move(m)}, within_{within} {}

  template <class OnValue, class OnError>
  void then(OnValue on_value, OnError on_error) && {
    detail::start_call(caller_, to_, std::move(message_), within_,
                       [v = std::move(on_value), e = std::move(on_error)](call_result r) mutable {
                         detail::dispatch_reply<R>(r, v, e);
                       });
  }

private:
  process& caller_;
  pid to_;
  caf::message message_;
  duration within_;
};

namespace detail {

/// What all copies of one promise share. The process it belongs to knows it, too, and answers for it when
/// it ends (a response promise kept in a member would otherwise keep its own process alive).
class promise_state {
public:
  explicit promise_state(caf::response_promise p) : promise_{std::move(p)} {}
  ~promise_state() { fail(reason::crashed("the reply was never given")); }
  promise_state(const promise_state&) = delete;
  promise_state& operator=(const promise_state&) = delete;

  void deliver(caf::message value);
  void fail(const reason& why);
  void fail(const call_error& e);
  [[nodiscard]] const caf::response_promise& caf_promise() const noexcept { return promise_; }

private:
  caf::response_promise promise_;
};

}  // namespace detail

/// The answer to a call, given later. Copies are one promise; the first answer counts. Not thread-safe:
/// it belongs to the process that made it.
template <class R>
class reply_promise {
public:
  explicit reply_promise(std::shared_ptr<detail::promise_state> state) : state_{std::move(state)} {}

  template <class Value>
  void set(Value&& value) const {
    state_->deliver(caf::make_message(R(std::forward<Value>(value))));
  }
  void set() const requires std::is_void_v<R> { state_->deliver(caf::message{}); }
  void fail(const reason& why) const { state_->fail(why); }
  /// The caller gets exactly this error: for processes that call on behalf of others.
  void fail(const call_error& e) const { state_->fail(e); }

  /// Lets a handler return it: CAF then knows that the answer comes later.
  operator caf::response_promise() const { return state_->caf_promise(); }  // NOLINT: implicit on purpose

private:
  std::shared_ptr<detail::promise_state> state_;
};

}  // namespace beamline
