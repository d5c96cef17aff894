#pragma once

#include "actors/reason.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace beamline::net::rpc {

// How a call may end other than with its value (D71). The first three happened there, the procedure ran or was not
// found; `rpc_error` is of the call itself.

/// The procedure threw `throw_value`: an answer of its own kind.
struct thrown {
  std::string value;

  friend bool operator==(const thrown&, const thrown&) = default;
};

/// The process that ran it ended without an answer.
struct exited {
  enum class cause : std::uint8_t {
    exception,  // By itself, or it refused the call with that reason.
    signal,     // Somebody ended it.
  };
  cause by = cause::exception;
  reason why;

  friend bool operator==(const exited&, const exited&) = default;
};

class failure;

/// An exception, or a call that the procedure could not be called with. Types that mean something to callers: `undef`
/// (no such procedure there: a mistake of deployment, D77), `badarg` (the arguments cannot be read), `unreadable` (the
/// value cannot), `too_large` (it cannot be sent), `rpc_error` for a call that the procedure made itself: see `cause`.
struct failed {
  std::string type;
  std::string what;
  std::string where;                       // `accumulator.update_likes on accumulator_1@127.0.0.1`
  std::shared_ptr<const failure> cause{};  // Of a call that the procedure made in turn (D79); mostly none.
};

/// Of the call itself.
struct rpc_error {
  enum class kind : std::uint8_t {
    noconnection,  // The node is not linked, or the link was lost: unknown whether it ran, or will (D72).
    timeout,       // The same, and it may be running now.
    notsup,        // That node has no rpc process, or cannot exchange its messages with this one (D77).
    badarg,        // Malformed; nothing was sent (D76).
    system_limit,  // Some queue is full, there or here; it did not run and will not.
  };
  kind what = kind::timeout;
  std::string text;  // For people; may be empty.
};

/// Why a call gave no value. A value; cheap to copy.
class failure {
public:
  using state = std::variant<thrown, exited, failed, rpc_error>;

  failure(thrown f) : state_{std::move(f)} {}     // NOLINT: implicit on purpose
  failure(exited f) : state_{std::move(f)} {}     // NOLINT: implicit on purpose
  failure(failed f) : state_{std::move(f)} {}     // NOLINT: implicit on purpose
  failure(rpc_error f) : state_{std::move(f)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] const state& get() const noexcept { return state_; }
  template <class F>
  [[nodiscard]] const F* as() const noexcept {
    return std::get_if<F>(&state_);
  }
  [[nodiscard]] bool is(rpc_error::kind k) const noexcept {
    const auto* e = as<rpc_error>();
    return e != nullptr && e->what == k;
  }
  [[nodiscard]] bool is_undef() const noexcept {
    const auto* f = as<failed>();
    return f != nullptr && f->type == "undef";
  }

private:
  state state_;
};

/// `thrown`, `exited`, `failed`, or the kind of an rpc_error: for metrics.
[[nodiscard]] std::string_view status_of(const failure& f) noexcept;
[[nodiscard]] std::string_view to_string(rpc_error::kind k) noexcept;
/// `timeout`, or `failed: std::out_of_range: no such page (shop.buy on b@host), because timeout`.
[[nodiscard]] std::string to_string(const failure& f);

/// How a call of a process went, as an outcome of rpc. `callee`: for people.
[[nodiscard]] failure failure_of(const call_error& e, const std::string& callee);

// -- what procedures throw -----------------------------------------------------------------------------

/// The caller gets `thrown{value}`.
class throw_value : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The caller gets `exited{exception, why}`.
class exit_with : public std::runtime_error {
public:
  explicit exit_with(reason why) : std::runtime_error{to_string(why)}, why_{std::move(why)} {}
  [[nodiscard]] const reason& why() const noexcept { return why_; }

private:
  reason why_;
};

/// The caller gets `failed` with that as its cause: a call that the procedure made has failed.
class call_failed : public std::runtime_error {
public:
  explicit call_failed(failure f) : std::runtime_error{"a call of its own failed"}, what_{std::move(f)} {}
  [[nodiscard]] const failure& why() const noexcept { return what_; }

private:
  failure what_;
};

/// What the exception in flight means to the caller; any exception will do (D88).
[[nodiscard]] failure failure_of_exception(const std::string& where);
/// `f` as the cause of the end of the procedure that got it.
[[nodiscard]] failure nested(const failure& f, const std::string& where);

}  // namespace beamline::net::rpc
