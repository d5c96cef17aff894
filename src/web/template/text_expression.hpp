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
};
/// Nothing: the expression is no sum that begins with a plain literal.
[[nodiscard]] std::optional<text_sum> split_text_sum(const code& expression);

}  // namespace beamline::web::heex
