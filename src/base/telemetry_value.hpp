#pragma once

#include "base/time.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace beamline {

/// A field of an event as handlers see it that do not know the event's type. Text is borrowed.
using event_value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view, duration>;

/// How field types become values. Enums need a `to_string(e)` beside them that returns a `string_view` of
/// static text; a class of its own may offer `event_value to_event_value(const T&)` beside it.
template <std::same_as<bool> T>
event_value to_event_value(T value) {
  return event_value{value};
}
template <std::signed_integral T>
event_value to_event_value(T value) {
  return static_cast<std::int64_t>(value);
}
template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>)
event_value to_event_value(T value) { return static_cast<std::uint64_t>(value); }
template <std::floating_point T>
event_value to_event_value(T value) {
  return static_cast<double>(value);
}
inline event_value to_event_value(std::string_view value) { return value; }
inline event_value to_event_value(const std::string& value) { return std::string_view{value}; }
inline event_value to_event_value(const char* value) { return std::string_view{value}; }
template <class Rep, class Period>
event_value to_event_value(std::chrono::duration<Rep, Period> value) {
  return std::chrono::duration_cast<duration>(value);
}
template <class E>
  requires std::is_enum_v<E> && requires(E e) {
    { to_string(e) } -> std::same_as<std::string_view>;
  }
event_value to_event_value(E value) { return to_string(value); }

/// For people and logs: numbers in decimal, `true`/`false`, text as it is, durations such as `12.5ms`.
[[nodiscard]] std::string to_text(const event_value& value);

}  // namespace beamline
