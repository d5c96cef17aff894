#pragma once

#include "base/config/key.hpp"

#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// How the C++ types that fields may have travel as a `value`. Only `section` uses this.
namespace beamline::config::detail {

template <class T>
inline constexpr char type_tag = 0;

/// How a C++ type of a field travels as a `value`.
template <class U>
struct field;

template <>
struct field<bool> {
  static constexpr kind type = kind::boolean;
  using wire = bool;
};

template <class U>
  requires std::integral<U>
struct field<U> {
  static constexpr kind type = kind::integer;
  using wire = std::int64_t;
  static constexpr std::int64_t wire_max = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t max = std::cmp_less(wire_max, std::numeric_limits<U>::max())
                                        ? wire_max
                                        : static_cast<std::int64_t>(std::numeric_limits<U>::max());
  static range::bounds natural() { return range{std::numeric_limits<U>::min(), max}.get(); }
};

template <class U>
  requires std::floating_point<U>
struct field<U> {
  static constexpr kind type = kind::number;
  using wire = double;
};

template <>
struct field<std::string> {
  static constexpr kind type = kind::text;
  using wire = std::string;
};

template <>
struct field<duration> {
  static constexpr kind type = kind::duration;
  using wire = duration;
};

template <>
struct field<byte_size> {
  static constexpr kind type = kind::bytes;
  using wire = byte_size;
};

template <>
struct field<text_list> {
  static constexpr kind type = kind::list;
  using wire = text_list;
};

template <>
struct field<text_map> {
  static constexpr kind type = kind::map;
  using wire = text_map;
};

template <class E>
E named(const names<E>& spelling, std::string_view word) {
  for (const auto& [e, name] : spelling.all)
    if (name == word)
      return e;
  throw std::logic_error{"config: a word passed the check but names no value: " + std::string{word}};
}

template <class E>
std::string name_of(const names<E>& spelling, E wanted) {
  for (const auto& [e, name] : spelling.all)
    if (e == wanted)
      return std::string{name};
  throw std::logic_error{"config: a value of an enum has no name"};
}

}  // namespace beamline::config::detail
