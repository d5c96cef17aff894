#pragma once

#include <cmark-gfm.h>
#include <memory>
#include <string>
#include <string_view>

/// Small helpers for cmark's trees, for the sources that know its header.
namespace beamline::event_horizon {

struct free_iterator {
  void operator()(cmark_iter* i) const { cmark_iter_free(i); }
};
using tree_iterator = std::unique_ptr<cmark_iter, free_iterator>;

/// The text of a leaf; empty for others. Lives as long as the node.
[[nodiscard]] std::string_view literal(cmark_node* n);
/// All words inside a node.
[[nodiscard]] std::string text_of(cmark_node* n);

/// So much of a text as fits in a description, in whole words.
[[nodiscard]] std::string beginning_of(std::string_view text);

[[nodiscard]] inline std::string_view or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

}  // namespace beamline::event_horizon
