#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// The small languages inside tags and directives. Each reads the C++ at `where` and reports what is wrong with it.

/// What stands behind <%@ component: `card(title: std::string_view, slot inner_block)`.
[[nodiscard]] unit parse_component(const source& from, span where, diagnostics& out);

/// `x <- xs` or `{id, x} <- xs`; nothing if it is none of them.
[[nodiscard]] std::optional<generator> parse_generator(const source& from, span where, diagnostics& out);

/// `x` or `{a, b}`
[[nodiscard]] std::optional<pattern> parse_pattern(const source& from, span where, diagnostics& out);

[[nodiscard]] code code_at(const source& from, span where);

}  // namespace beamline::web::heex
