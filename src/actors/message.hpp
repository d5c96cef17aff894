#pragma once

#include "base/for_each_macro.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace beamline {

/// Declares a struct as a message that may cross nodes: its name on the wire, its version, its fields
/// in wire order. One declaration gives our versioned encoding (message_codec.hpp) and a `to_string`
/// for people, which CAF finds, too. CAF itself never serializes it (only our envelope crosses nodes), so its
/// traps with infinities and throwing inspectors cannot be reached.
///
///   struct like_changed {
///     std::string slug;
///     std::int64_t likes = 0;
///     BEAMLINE_MESSAGE(like_changed, "blog.like_changed", 1, slug, likes)
///   };
///
/// Rules for later versions: append fields at the end with a default, never remove or reorder, raise the
/// version. Then versions N and N-1 understand each other: unknown trailing fields are skipped, missing
/// ones keep their default. The name is part of the protocol and survives renames of the struct.
///
/// Fields: bool, integers, double, std::string, enums, duration, wall_time, uid, pid, std::optional,
/// std::vector, std::map with string keys, and other messages.
#define BEAMLINE_MESSAGE(type, wire_name, version, ...)                                                                \
  static constexpr std::string_view message_name = wire_name;                                                          \
  static constexpr std::uint32_t message_version = version;                                                            \
  template <class Visitor>                                                                                             \
  void for_each_field([[maybe_unused]] Visitor&& beamline_visit_) {                                                    \
    BEAMLINE_FOR_EACH(BEAMLINE_MESSAGE_FIELD_, __VA_ARGS__)                                                            \
  }                                                                                                                    \
  template <class Visitor>                                                                                             \
  void for_each_field([[maybe_unused]] Visitor&& beamline_visit_) const {                                              \
    BEAMLINE_FOR_EACH(BEAMLINE_MESSAGE_FIELD_, __VA_ARGS__)                                                            \
  }                                                                                                                    \
  [[maybe_unused]] friend std::string to_string(const type& beamline_message_) {                                       \
    return ::beamline::message_text(beamline_message_);                                                                \
  }
#define BEAMLINE_MESSAGE_FIELD_(field) beamline_visit_(std::string_view{#field}, this->field);

/// A struct that was declared with BEAMLINE_MESSAGE.
template <class T>
concept wire_message = requires {
  { T::message_name } -> std::convertible_to<std::string_view>;
  { T::message_version } -> std::convertible_to<std::uint32_t>;
};

// Longer strings are cut in message_text: it is read by people, in logs and death reports.
inline constexpr std::size_t message_text_string_max = 80;

namespace detail {

void append_text(std::string& out, std::string_view value);

template <class T>
void append_field_text(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>)
    out += value ? "true" : "false";
  else if constexpr (std::is_arithmetic_v<T>)
    out += std::to_string(value);
  else if constexpr (std::is_convertible_v<const T&, std::string_view>)
    append_text(out, value);
  else if constexpr (requires {
                       { to_string(value) } -> std::convertible_to<std::string>;
                     })
    out += to_string(value);
  else
    out += "...";
}

}  // namespace detail

/// `blog.like_changed{slug: "hello", likes: 4}`, for logs and reports.
template <class Message>
std::string message_text(const Message& message) {
  std::string out{Message::message_name};
  const char* separator = "{";
  message.for_each_field([&](std::string_view name, const auto& value) {
    out.append(separator).append(name).append(": ");
    detail::append_field_text(out, value);
    separator = ", ";
  });
  return out + (*separator == '{' ? "{}" : "}");
}

}  // namespace beamline
