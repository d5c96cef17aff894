#pragma once

#include "web/template/ast.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web::heex {

/// Prints parts of a tree as a template on one line, as far as they can be.
class flat_printer {
public:
  /// Nothing if it must have lines of its own: something in it begins one, or C++ in it has several.
  [[nodiscard]] std::optional<std::string> one(const node& n) const;
  /// With white space as it is, on however many lines: for <pre> and its like.
  [[nodiscard]] std::string verbatim(const node& n) const;
  [[nodiscard]] std::string verbatim_content(const element_node& e) const;

  /// Inside of an element with `phx-no-curly-interpolation` values are written <%= … %>.
  void enter(bool is_plain) { plain_braces_ += is_plain ? 1 : 0; }
  void leave(bool is_plain) { plain_braces_ -= is_plain ? 1 : 0; }

  [[nodiscard]] static std::vector<std::string> attributes_of(const element_node& e);
  [[nodiscard]] static std::string open_tag(const element_node& e);
  /// With its dot or colon.
  [[nodiscard]] static std::string tag_name(const element_node& e);
  /// Has no closing tag.
  [[nodiscard]] static bool is_leaf(const element_node& e);
  [[nodiscard]] static bool has_plain_braces(const element_node& e);
  [[nodiscard]] static std::string branch_head(const if_node::branch& b, bool is_first);
  [[nodiscard]] static std::string loop_head(const for_node& f);

private:
  [[nodiscard]] std::optional<std::string> content(const nodes& list) const;
  [[nodiscard]] std::string value(const code& c) const;

  mutable std::size_t plain_braces_ = 0;
};

}  // namespace beamline::web::heex
