#pragma once

#include "web/template/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web::heex {

/// Reads C++ as far as a template needs it: what is text and comment, and what brackets belong together.
///
/// Knows string and character literals with their prefixes, raw strings, digit separators and both kinds of comments,
/// so no bracket, `@` or `%>` inside of them counts. `@name` is a token of its own.
class cpp_lexer {
public:
  enum class kind : std::uint8_t { end, identifier, member, number, string, character, comment, punctuation };
  struct token {
    kind what = kind::end;
    span where;
    bool is_unterminated = false;  // A literal or comment that the input ends in, or a literal that its line ends in.
  };

  /// Reads `text` from offset `from` on; spans are offsets in `text`, which must outlive the lexer.
  explicit cpp_lexer(std::string_view text, std::size_t from = 0) : text_{text}, at_{from} {}

  /// The next token; punctuation comes one character at a time.
  token next();

private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] token made(kind what, std::size_t begin, bool is_unterminated = false) const;
  token comment();
  token quoted(std::size_t begin);
  token raw_string(std::size_t begin);
  token word();
  token number();

  std::string_view text_;
  std::size_t at_;
};

/// How a search for the end of an expression ended.
struct expression_end {
  enum class outcome : std::uint8_t { found, not_closed, wrong_bracket, open_literal };
  outcome how = outcome::not_closed;
  std::uint32_t at = 0;  // Of the terminator; else of the culprit: the open or wrong bracket, the literal's begin.
};

/// Finds the `}` (or, for `terminator` "%>", the `%>`) that ends the C++ that begins at `from`.
[[nodiscard]] expression_end find_expression_end(std::string_view text, std::size_t from, std::string_view terminator);

/// All tokens of a piece of C++ but comments.
[[nodiscard]] std::vector<cpp_lexer::token> cpp_tokens(std::string_view code);

/// Splits at each `separator` that stands outside of brackets (angle brackets included), literals and comments. Spans
/// are offsets in `code`; there is at least one.
[[nodiscard]] std::vector<span> split_top_level(std::string_view code, char separator);

[[nodiscard]] bool is_identifier(std::string_view text);
[[nodiscard]] bool is_cpp_keyword(std::string_view text);
/// The name of a C++ member for an attribute: keywords get an underscore (`class` is `class_`).
[[nodiscard]] std::string member_name(std::string_view attribute);

/// A C++ string literal with this content.
[[nodiscard]] std::string string_literal(std::string_view content);

}  // namespace beamline::web::heex
