#pragma once

#include "actors/message.hpp"
#include "actors/pid.hpp"
#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <map>
#include <optional>
#include <vector>

namespace beamline {

// The encoding of what crosses nodes:
//
//   message = version, number of fields, then per field: length, octets of the field     (varints)
//
// Fields are length-prefixed, so a reader skips those it does not know (a newer sender) and leaves
// those that are missing at their default (an older one). Within a field: integers as varints, doubles
// as bit pattern, strings and lists with their length, optionals with a flag, messages as above.

// A list or map in a field may have this many elements; a larger one fails the decoding.
inline constexpr std::size_t field_elements_max = 100'000;

namespace detail {

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_string_map : std::false_type {};
template <class T>
struct is_string_map<std::map<std::string, T>> : std::true_type {};
template <class>
inline constexpr bool unsupported_field = false;

void write_pid(byte_writer& out, const pid& p);
pid read_pid(byte_reader& in);

}  // namespace detail

template <wire_message Message>
void encode_to(byte_writer& out, const Message& message);
template <wire_message Message>
void decode_from(byte_reader& in, Message& message);

template <class T>
void encode_field(byte_writer& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>)
    out.boolean(value);
  else if constexpr (std::is_enum_v<T>)
    out.varint(static_cast<std::uint64_t>(value));
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    out.svarint(value);
  else if constexpr (std::is_integral_v<T>)
    out.varint(value);
  else if constexpr (std::is_floating_point_v<T>)
    out.f64(value);
  else if constexpr (std::is_same_v<T, std::string>)
    out.blob(value);
  else if constexpr (std::is_same_v<T, duration>)
    out.svarint(value.count());
  else if constexpr (std::is_same_v<T, wall_time>)
    out.svarint(value.time_since_epoch().count());
  else if constexpr (std::is_same_v<T, uid>)
    out.blob(value.octets());
  else if constexpr (std::is_same_v<T, pid>)
    detail::write_pid(out, value);
  else if constexpr (wire_message<T>)
    encode_to(out, value);
  else if constexpr (detail::is_optional<T>::value) {
    out.boolean(value.has_value());
    if (value)
      encode_field(out, *value);
  } else if constexpr (detail::is_vector<T>::value) {
    out.varint(value.size());
    for (const auto& element : value)
      encode_field(out, element);
  } else if constexpr (detail::is_string_map<T>::value) {
    out.varint(value.size());
    for (const auto& [key, element] : value) {
      out.blob(key);
      encode_field(out, element);
    }
  } else
    static_assert(detail::unsupported_field<T>, "this type cannot be a field of a BEAMLINE_MESSAGE");
}

template <class T>
void decode_field(byte_reader& in, T& value) {
  if constexpr (std::is_same_v<T, bool>)
    value = in.boolean();
  else if constexpr (std::is_enum_v<T>)
    value = static_cast<T>(in.varint());
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    auto wide = in.svarint();
    value = static_cast<T>(wide);
    if (value != wide)
      in.fail(errc::invalid, "integer out of range for its field");
  } else if constexpr (std::is_integral_v<T>) {
    auto wide = in.varint();
    value = static_cast<T>(wide);
    if (value != wide)
      in.fail(errc::invalid, "integer out of range for its field");
  } else if constexpr (std::is_floating_point_v<T>)
    value = static_cast<T>(in.f64());
  else if constexpr (std::is_same_v<T, std::string>)
    value = std::string{in.blob(in.remaining())};
  else if constexpr (std::is_same_v<T, duration>)
    value = duration{in.svarint()};
  else if constexpr (std::is_same_v<T, wall_time>)
    value = wall_time{std::chrono::microseconds{in.svarint()}};
  else if constexpr (std::is_same_v<T, uid>) {
    auto octets = in.blob(16);
    if (auto id = uid::from_octets(octets))
      value = *id;
    else
      in.fail(errc::invalid, "an id has 16 octets");
  } else if constexpr (std::is_same_v<T, pid>)
    value = detail::read_pid(in);
  else if constexpr (wire_message<T>)
    decode_from(in, value);
  else if constexpr (detail::is_optional<T>::value) {
    value.reset();
    if (in.boolean())
      decode_field(in, value.emplace());
  } else if constexpr (detail::is_vector<T>::value) {
    auto n = in.count(field_elements_max);
    value.clear();
    for (std::size_t i = 0; i < n && in.ok(); ++i)
      decode_field(in, value.emplace_back());
  } else if constexpr (detail::is_string_map<T>::value) {
    auto n = in.count(field_elements_max, 2);
    value.clear();
    for (std::size_t i = 0; i < n && in.ok(); ++i) {
      std::string key{in.blob(in.remaining())};
      decode_field(in, value[std::move(key)]);
    }
  } else
    static_assert(detail::unsupported_field<T>, "this type cannot be a field of a BEAMLINE_MESSAGE");
}

template <wire_message Message>
void encode_to(byte_writer& out, const Message& message) {
  std::uint64_t fields = 0;
  message.for_each_field([&](std::string_view, const auto&) { ++fields; });
  out.varint(Message::message_version);
  out.varint(fields);
  bytes scratch;
  message.for_each_field([&](std::string_view, const auto& value) {
    scratch.clear();
    byte_writer field{scratch};
    encode_field(field, value);
    out.blob(scratch);
  });
}

template <wire_message Message>
void decode_from(byte_reader& in, Message& message) {
  (void)in.varint();  // The sender's version: fields say all that is needed to read it.
  auto fields = in.count(field_elements_max);
  message.for_each_field([&](std::string_view name, auto& value) {
    if (fields == 0 || in.failed())
      return;
    --fields;
    byte_reader field{in.blob(in.remaining())};
    decode_field(field, value);
    if (auto done = field.finish(); !done)
      in.fail(done.error().code,
              std::string{Message::message_name} + "." + std::string{name} + ": " + done.error().message);
  });
  for (; fields > 0 && in.ok(); --fields)
    (void)in.blob(in.remaining());
}

/// The octets of a message, without its name.
template <wire_message Message>
[[nodiscard]] bytes encode(const Message& message) {
  byte_writer out;
  encode_to(out, message);
  return out.take();
}

/// Reads what `encode` of this or a neighbouring version wrote. Errors: `invalid`, `too_large`.
template <wire_message Message>
[[nodiscard]] result<Message> decode(std::string_view octets) {
  byte_reader in{octets};
  Message message{};
  decode_from(in, message);
  if (auto done = in.finish(); !done)
    return done.error().in(Message::message_name);
  return message;
}

}  // namespace beamline
