#pragma once

// For the sources of fault and plan text only: how single values are written and read.

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beamline::testing::detail {

/// `3us`, `120ms`, `1.25s`: the largest unit that is at most `d`, exact to the nanosecond. Zero is `0s`.
[[nodiscard]] std::string duration_text(duration d);

/// As it is, or in quotes when it would not be read back as one word.
[[nodiscard]] std::string word_text(std::string_view word);

/// A line cannot be read; caught by the parsers, never seen outside.
class unreadable : public std::runtime_error {
public:
  unreadable(std::size_t column, const std::string& text) : std::runtime_error{text}, column_{column} {}
  /// From 1.
  [[nodiscard]] std::size_t column() const noexcept { return column_; }

private:
  std::size_t column_;
};

/// Takes one line apart into words, which are separated by blanks and commas, and remembers where each was. A word in
/// quotes may contain anything, `\"`, `\\` and `\xNN` among them. A `#` at the beginning of a word begins a comment,
/// unless a digit follows and it is not the first word of the line.
class line_reader {
public:
  /// `line` is borrowed.
  explicit line_reader(std::string_view line);

  [[nodiscard]] bool at_end() const noexcept { return word_begin_ == line_.size(); }
  /// The next word as it stands there; empty at the end. Valid as long as the line.
  [[nodiscard]] std::string_view peek() const noexcept { return line_.substr(word_begin_, word_end_ - word_begin_); }
  [[nodiscard]] std::size_t column() const noexcept { return word_begin_ + 1; }
  void skip() { find_word(word_end_); }
  /// Whether the next word is that one; takes it if so.
  bool take(std::string_view word);

  // Each takes one word, or throws `unreadable`; `expected` is what a person reads: "a node", "a duration such as 3us".

  std::string word(std::string_view expected);
  void keyword(std::string_view word);
  duration time(std::string_view expected = "a duration such as 3us or 1.25s");
  /// As `time`, not negative.
  duration length(std::string_view expected = "a duration such as 3us or 1.25s, not negative");
  std::uint64_t number(std::string_view expected, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());

  /// Throws `unreadable` for the word that is next.
  [[noreturn]] void fail(std::string_view expected) const;

private:
  void find_word(std::size_t from);
  std::string unquoted();

  std::string_view line_;
  std::size_t word_begin_ = 0, word_end_ = 0;
};

/// False: it is no such number.
[[nodiscard]] bool read_number(std::string_view text, std::uint64_t& into);
[[nodiscard]] bool read_duration(std::string_view text, duration& into);

}  // namespace beamline::testing::detail
