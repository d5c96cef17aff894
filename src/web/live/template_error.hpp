#pragma once

#include <stdexcept>
#include <string>

namespace beamline::web::live {

/// Where an expression of a template threw. What it threw is nested in it.
class template_error : public std::runtime_error {
public:
  template_error(std::string file, unsigned line, unsigned column, const std::string& what)
      : std::runtime_error{what}, file_{std::move(file)}, line_{line}, column_{column} {}

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] unsigned line() const noexcept { return line_; }
  [[nodiscard]] unsigned column() const noexcept { return column_; }
  /// `views/blog_show.heex:12:3`
  [[nodiscard]] std::string position() const;

private:
  std::string file_;
  unsigned line_;
  unsigned column_;
};

/// For generated code, in a catch block: throws a template_error around what was thrown there, or that itself if it
/// says already where it came from: the innermost template counts.
[[noreturn]] void rethrow_at(const char* file, unsigned line, unsigned column);

}  // namespace beamline::web::live
