#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The template compiler: `.heex` files, HEEx with C++ expressions, to C++ that makes rendered trees.
///
///   source --> tokens --> tree --> checks --> plan --> C++        beamline_heex compile
///              (tokenizer)(parser) (checks)   (lowering)(emitter)
///                            \-----------------------> text       beamline_heex format
///
/// Pure code: text in, text and diagnostics out. Nothing here knows the running system, and no type of C++ is known
/// here either: what only the C++ compiler can check, it checks at the place in the template, through #line.
namespace beamline::web::heex {

/// A larger template is refused: it was made by a program, or is a mistake.
inline constexpr std::size_t template_octets_max = 1'000'000;

/// Octets [begin, end) of a template.
struct span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// A place for people: both count from 1, the column in characters.
struct place {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// One template: its name as the user wrote it, its text, and where its lines begin. Spans refer to it and views of
/// its text are kept by what is made of it, so it must outlive all of that.
class source {
public:
  source(std::string name, std::string text);
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::string_view text(span s) const noexcept { return text().substr(s.begin, s.size()); }

  [[nodiscard]] place place_of(std::size_t offset) const;
  /// Number of octets before `offset` in its line.
  [[nodiscard]] std::size_t octets_before(std::size_t offset) const;
  /// Line `number` (from 1) without its end.
  [[nodiscard]] std::string_view line(std::size_t number) const;

private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_begins_;
};

/// Number of characters in UTF-8 text; malformed octets count as one each, more or less.
[[nodiscard]] std::size_t characters(std::string_view text);

[[nodiscard]] constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
[[nodiscard]] std::string_view trim(std::string_view text);
/// The span without the white space at its ends.
[[nodiscard]] span trim(const source& from, span s);

}  // namespace beamline::web::heex
