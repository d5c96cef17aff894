#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace beamline {

/// What kind of failure an `error` is. The set is closed and small on purpose: code branches on the
/// code, people read the message.
enum class errc {
  invalid,      // The input is malformed or out of range; repeating it cannot help.
  not_found,    // The thing named does not exist.
  exists,       // The thing to be made exists already.
  denied,       // The caller may not do this, or proved nothing.
  unavailable,  // The other side is away for the moment; trying again may help.
  timeout,      // No answer in time; whether the effect happened is unknown.
  busy,         // A bounded queue is full; nothing happened.
  too_large,    // A stated limit was exceeded.
  conflict,     // Somebody else changed or holds it.
  corrupt,      // Stored or received data is damaged.
  unsupported,  // A version, format or operation that this build does not know.
  io,           // The operating system refused.
  cancelled,    // Given up on purpose.
};

/// Stable lower-case word for a code, used in logs, JSON and metrics labels.
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// A failure as a value: a code for programs and a message for people that names the thing, the value
/// and the remedy.
struct error {
  errc code = errc::invalid;
  std::string message;

  /// The same error with `where` put in front: `where: message`.
  [[nodiscard]] error in(std::string_view where) const&;

  friend bool operator==(const error&, const error&) = default;
};

/// Thrown only by `result::value()` on a failed result: a broken invariant, not control flow.
class bad_result : public std::logic_error {
public:
  explicit bad_result(const beamline::error& e) : std::logic_error{"result holds an error: " + e.message} {}
};

/// Either a `T` or an `error`. The caller handles it or passes it on; dropping one is a compiler warning.
template <class T>
class [[nodiscard]] result {
  static_assert(!std::is_reference_v<T> && !std::is_same_v<std::remove_cv_t<T>, beamline::error>);

public:
  using value_type = T;

  result(T value) : state_{std::in_place_index<0>, std::move(value)} {}        // NOLINT: implicit on purpose
  result(beamline::error e) : state_{std::in_place_index<1>, std::move(e)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// The value; throws `bad_result` when there is none.
  [[nodiscard]] T& value() & {
    check();
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    check();
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    check();
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] T value_or(T other) const& { return ok() ? *std::get_if<0>(&state_) : std::move(other); }

  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  /// The error; only to be called when `!ok()`.
  [[nodiscard]] const beamline::error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] beamline::error&& error() && { return std::get<1>(std::move(state_)); }

private:
  void check() const {
    if (!ok())
      throw bad_result{*std::get_if<1>(&state_)};
  }

  std::variant<T, beamline::error> state_;
};

/// Success without a value, or an `error`.
template <>
class [[nodiscard]] result<void> {
public:
  using value_type = void;

  result() = default;
  result(beamline::error e) : error_{std::move(e)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  void value() const {
    if (error_)
      throw bad_result{*error_};
  }
  [[nodiscard]] const beamline::error& error() const& { return error_.value(); }

private:
  std::optional<beamline::error> error_;
};

}  // namespace beamline
