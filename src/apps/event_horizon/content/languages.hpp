#pragma once

#include <span>
#include <string_view>

/// What the tokenizer must know of a language.
namespace beamline::event_horizon {

enum class scanner { words, markup, style_sheet, diff };

struct code_language {
  std::string_view name;
  scanner how = scanner::words;
  std::string_view line_comment{};   // `//`; empty: none.
  std::string_view line_comment2{};  // A second one.
  std::string_view block_begin{};
  std::string_view block_end{};
  std::string_view quotes = "\"'";    // Characters that begin and end a text.
  std::string_view long_quotes{};     // Those of them that, three in a row, begin a text of many lines.
  std::string_view lines_quotes{};    // Those of them whose texts may go over line ends.
  std::string_view word_extra = "_";  // What may be in a word besides letters and digits.
  std::span<const std::string_view> keywords{};
  std::span<const std::string_view> types{};
  std::span<const std::string_view> constants{};
  bool ignores_case = false;
  bool has_keys = false;           // A word before `:` or `=` at the beginning of a line is a key.
  bool has_atoms = false;          // `:word` is one.
  bool has_capital_types = false;  // A word with a capital letter first is a type.
  bool has_directives = false;     // A line that begins with # is one.
};

/// By any of its names, in lower case; null: not known.
[[nodiscard]] const code_language* find_language(std::string_view name);

}  // namespace beamline::event_horizon
