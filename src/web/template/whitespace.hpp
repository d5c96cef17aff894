#pragma once

#include "web/template/ast.hpp"

/// White space between tags, as far as it is seen in a page.
///
/// - A run of white space is one space.
/// - At the ends of a view, a component, a slot and of the content of a block element (<div>, <p>, <li>, ...) it is
///   dropped; in elements without text of their own (<table>, <select>, ...) everywhere.
/// - At the ends of what stands in <%= if %> and <%= for %> it is dropped if it contains a line end.
/// - In <pre>, <textarea>, <script>, <style> and elements with `phx-no-format` nothing is touched.
namespace beamline::web::heex {

enum class comment_handling {
  drop,  // As a page is rendered: comments of the template are gone, and texts around them are one.
  keep,  // For the formatter: a run with line ends is one or two of them.
};

void normalise_space(template_file& file, comment_handling comments);

/// True if the formatter may not touch what is in this element.
[[nodiscard]] bool is_verbatim(const element_node& e);

}  // namespace beamline::web::heex
