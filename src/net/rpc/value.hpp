#pragma once

#include "actors/message_codec.hpp"
#include "actors/message_contract.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace beamline::net::rpc {

// Values of calls as octets: anything that may be a field of a BEAMLINE_MESSAGE, and nothing (void).

/// What stands for a value of type `R`: std::monostate for void.
template <class R>
using value_of = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

template <class R>
[[nodiscard]] bytes encode_value(const value_of<R>& value) {
  byte_writer out;
  if constexpr (!std::is_void_v<R>)
    encode_field(out, value);
  return out.take();
}

/// Errors: `invalid`, `too_large`.
template <class R>
[[nodiscard]] result<value_of<R>> decode_value(std::string_view octets) {
  byte_reader in{octets};
  value_of<R> value{};
  if constexpr (!std::is_void_v<R>)
    decode_field(in, value);
  if (auto whole = in.finish(); !whole)
    return whole.error();
  return value;
}

/// As in message_contract.hpp: the name of a message, `string`, `list<u>`; `nothing` for void.
template <class R>
[[nodiscard]] std::string value_type() {
  if constexpr (std::is_void_v<R>)
    return "nothing";
  else
    return beamline::detail::wire_type<R>();
}

}  // namespace beamline::net::rpc
