#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// Reports ids that would stand twice in the page: two elements with the same literal id that may be shown together,
/// and a literal id in a loop.
void check_ids(const unit& u, diagnostics& out);

}  // namespace beamline::web::heex
