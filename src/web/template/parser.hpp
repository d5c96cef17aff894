#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// Elements and blocks nested deeper are refused: no page is, and the passes over the tree recurse.
inline constexpr std::size_t nesting_max = 100;

/// Reads a template. Reports what is wrong and returns as much of the tree as could be made out; if there are errors,
/// it is good for further checks, but not for making code of it.
[[nodiscard]] template_file parse(const source& from, diagnostics& out);

}  // namespace beamline::web::heex
