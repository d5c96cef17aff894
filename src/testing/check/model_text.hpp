#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace beamline::testing {

/// A value in the evidence of a checker: numbers in decimal, text in quotes, everything else by its `to_string`.
template <class V>
[[nodiscard]] std::string model_text(const V& v) {
  if constexpr (std::same_as<V, bool>)
    return v ? "true" : "false";
  else if constexpr (std::is_arithmetic_v<V>)
    return std::to_string(v);
  else if constexpr (std::convertible_to<const V&, std::string_view>)
    return "\"" + std::string{std::string_view{v}} + "\"";
  else
    return std::string{to_string(v)};
}

}  // namespace beamline::testing
