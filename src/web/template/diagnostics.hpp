#pragma once

#include "web/template/source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beamline::web::heex {

/// What is wrong with a template: several errors in one run, each at its place.
///
///   views/blog_show.heex:12:5: error: <b> is not closed before </p>; write </b> first
///      12 |     <b>bold</p>
///         |     ^~~
class diagnostics {
public:
  // What comes after this many errors mostly follows from them: it is not reported.
  static constexpr std::size_t errors_max = 20;
  // The same for warnings.
  static constexpr std::size_t warnings_max = 20;

  enum class severity { error, warning };
  struct item {
    severity level;
    span where;
    std::string message;  // What is wrong; and what to do about it.
  };

  explicit diagnostics(const source& of) : of_{&of} {}

  void error(span where, std::string message) { add(severity::error, where, std::move(message)); }
  void warning(span where, std::string message) { add(severity::warning, where, std::move(message)); }

  [[nodiscard]] bool has_errors() const noexcept { return errors_ != 0; }
  /// In the order of the template.
  [[nodiscard]] std::vector<item> items() const;
  /// All of them for people, as above; ends with a line that says how many were left out, if any were.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const source& of() const noexcept { return *of_; }

private:
  void add(severity level, span where, std::string message);

  const source* of_;
  std::vector<item> items_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// Of `known`, the word that was probably meant by `word`, or nothing.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

/// "; did you mean <before>word<after>?" if there is a nearest word, else `otherwise`.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known,
                                       std::string_view before = "", std::string_view otherwise = "");

}  // namespace beamline::web::heex
