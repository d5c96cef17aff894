#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// Reports what is wrong with a template that could be read: attributes (unknown `phx-*`, given twice, of a kind that
/// takes no values), ids, slots, loops, components declared in the same file, and members that a component does not
/// declare. What needs types is left to the C++ compiler.
void check(const template_file& file, diagnostics& out);

/// Values may never stand in these attributes, whatever they are: nothing escapes them.
[[nodiscard]] bool takes_no_values(std::string_view attribute);

}  // namespace beamline::web::heex
