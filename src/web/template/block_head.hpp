#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"
#include "web/template/source.hpp"

#include <string_view>

/// What stands between `<%` and `%>` of a block: `if a do`, `for x <- xs, key: x.id do`, `else`, `end`.
namespace beamline::web::heex {

/// The words at the ends, and what is between them.
struct block_words {
  std::string_view first;
  bool ends_with_do = false;
  span inner;
};

/// `where` is all between `<%` and `%>`. Without a word at its begin, all is empty.
[[nodiscard]] block_words words_of(const source& from, span where);

/// The block of `x <- xs, key: x.id`, without its content. What is wrong is said to `out`.
[[nodiscard]] for_node parse_for_head(const source& from, span head, diagnostics& out);

}  // namespace beamline::web::heex
