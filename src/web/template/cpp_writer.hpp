#pragma once

#include "web/template/ast.hpp"
#include "web/template/source.hpp"

#include <string>
#include <string_view>

namespace beamline::web::heex {

/// Writes C++ of which some comes from the template, so that the C++ compiler reports at the template's lines *and*
/// columns: such code stands on lines of its own, after a #line, as far to the right as in the template.
class cpp_writer {
public:
  /// `template_path` and `generated_path` are what compilers print and open.
  cpp_writer(const source& from, std::string template_path, std::string generated_path)
      : source_{from}, template_path_{std::move(template_path)}, generated_path_{std::move(generated_path)} {}

  /// A line of ours, indented.
  void line(std::string_view text);
  void blank() { end_line(""); }
  /// `text` so that the octet behind `before` stands where `where` begins in the template; if there is no room for
  /// `before`, it is one line too far right.
  void at(span where, std::string_view text, std::string_view before = {});
  /// An expression of the template between two lines of ours, behind `prefix`. A sum that begins with a literal is one
  /// of texts.
  void wrapped(std::string_view before, const code& expression, std::string_view after, std::string_view prefix = {});

  void indent() { ++depth_; }
  void outdent() { --depth_; }
  [[nodiscard]] const source& from() const noexcept { return source_; }
  [[nodiscard]] std::string take() && { return std::move(out_); }

private:
  void end_line(std::string_view text);

  const source& source_;
  std::string template_path_;
  std::string generated_path_;
  std::string out_;
  std::size_t lines_ = 0;
  std::size_t depth_ = 0;
  bool is_at_template_ = false;
};

}  // namespace beamline::web::heex
