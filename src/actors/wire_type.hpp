#pragma once

#include "actors/message.hpp"
#include "actors/pid.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace beamline {

namespace detail {

template <class T>
struct field_parts {
  using element = void;  // Of an optional, a list or a map.
};
template <class T>
struct field_parts<std::optional<T>> {
  using element = T;
  static constexpr std::string_view around = "optional<";
};
template <class T>
struct field_parts<std::vector<T>> {
  using element = T;
  static constexpr std::string_view around = "list<";
};
template <class T>
struct field_parts<std::map<std::string, T>> {
  using element = T;
  static constexpr std::string_view around = "map<";
};

/// How a field is written (message_codec.hpp). Widths are not part of it: all integers of one sign are varints.
template <class T>
[[nodiscard]] std::string wire_type() {
  using element = typename field_parts<T>::element;
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_enum_v<T>)
    return "u";
  else if constexpr (std::is_integral_v<T>)
    return std::is_signed_v<T> ? "i" : "u";
  else if constexpr (std::is_floating_point_v<T>)
    return "f64";
  else if constexpr (std::is_same_v<T, std::string>)
    return "string";
  else if constexpr (std::is_same_v<T, duration>)
    return "duration";
  else if constexpr (std::is_same_v<T, wall_time>)
    return "wall_time";
  else if constexpr (std::is_same_v<T, uid>)
    return "uid";
  else if constexpr (std::is_same_v<T, pid>)
    return "pid";
  else if constexpr (wire_message<T>)
    return std::string{T::message_name};
  else {
    static_assert(!std::is_void_v<element>, "this type cannot be a field of a BEAMLINE_MESSAGE");
    return std::string{field_parts<T>::around} + wire_type<element>() + ">";
  }
}

}  // namespace detail

}  // namespace beamline
