#pragma once

#include "web/template/ast.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Expressions of which a template knows, without their types, that they are text.
namespace beamline::web::heex {

/// True if an expression is text whatever the types in it: a string literal, `"…" + x`, `c ? "a" : "b"`, or a call of
/// std::to_string or fmt::format.
[[nodiscard]] bool is_certainly_text(std::string_view expression);

/// `"row-" + name` in its two parts.
struct text_sum {
  std::string begin;  // Escaped for an attribute.
  code rest;
  bool rest_is_sum = false;  // Must be added up from a text: `n + "-x"` would be an address for a number.
};
/// Nothing: the expression is no sum that begins with a plain literal.
[[nodiscard]] std::optional<text_sum> split_text_sum(const code& expression);

/// `"a" + x`: for a number, C++ would take an address in or beside the literal. Added to an empty text such a sum is a
/// text, or does not compile.
[[nodiscard]] bool begins_with_added_literal(std::string_view expression);
inline constexpr std::string_view empty_text_plus = "std::string{} + ";

}  // namespace beamline::web::heex
