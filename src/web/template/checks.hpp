#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// Reports what is wrong with a template that could be read: attributes (unknown `phx-*`, given twice, of a kind that
/// takes no values), ids, slots, loops, components declared in the same file, and members that a component does not
/// declare. What needs types is left to the C++ compiler.
void check(const template_file& file, diagnostics& out);

}  // namespace beamline::web::heex
