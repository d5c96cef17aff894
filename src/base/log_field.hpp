#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace beamline {

/// Stands where a secret was; it does not hold it.
struct redacted {};

/// Marks a value that must never reach a log: `log.info("web", "signed in", {{"session", secret(id)}})`.
template <class T>
[[nodiscard]] constexpr redacted secret(const T&) {
  return {};
}

/// A value of a log field. Borrows text: it lives for one call of the logger and is never stored.
class log_value {
public:
  using any = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, duration, redacted>;

  // Implicit on purpose, so that a call reads {{"port", 4000}, {"bind", address}}.
  log_value(std::same_as<bool> auto b) : any_{b} {}
  log_value(std::signed_integral auto n) : any_{static_cast<std::int64_t>(n)} {}
  template <std::unsigned_integral N>
    requires(!std::same_as<N, bool>)
  log_value(N n) : any_{static_cast<std::uint64_t>(n)} {}
  log_value(std::floating_point auto d) : any_{static_cast<double>(d)} {}
  log_value(std::string_view text) : any_{text} {}
  log_value(const std::string& text) : any_{std::string_view{text}} {}
  log_value(const char* text) : any_{text == nullptr ? std::string_view{"(null)"} : std::string_view{text}} {}
  log_value(const error& e) : any_{std::string_view{e.message}} {}
  log_value(redacted r) : any_{r} {}
  template <class Rep, class Period>
  log_value(std::chrono::duration<Rep, Period> d) : any_{std::chrono::duration_cast<duration>(d)} {}

  [[nodiscard]] const any& get() const { return any_; }

private:
  any any_;
};

/// A named value beside a log message. Keys are short constants in snake_case. A key whose name contains
/// cookie, secret, password, token or authorization is shown as `(redacted)`, whatever its value.
struct log_field {
  std::string_view key;
  log_value value;
};

}  // namespace beamline
