#pragma once

#include <cstddef>
#include <string_view>

/// SQL in pieces, as far as the store must understand it: what is a word and what only looks like one.
namespace beamline::store::postgres {

struct token {
  enum class kind {
    end,
    space,        // White space and comments, `--` and (nested) `/* */`.
    word,         // A keyword or an unquoted name.
    name,         // "in double quotes"
    literal,      // Text in single or dollar quotes, a number.
    placeholder,  // $1
    sign,         // One character; `::` as a whole.
  };
  kind is = kind::end;
  std::string_view text;
};

/// Cuts a text into tokens, which together are the whole text. What is not closed extends to the end; the server
/// refuses it. The text must outlive the object.
class tokenizer {
public:
  explicit tokenizer(std::string_view sql) : rest_{sql} {}
  /// The next piece; `end` at the end, again and again.
  token next();
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

/// The same word, whatever the case of ASCII letters; `upper` is in capitals.
[[nodiscard]] bool is_word(std::string_view text, std::string_view upper);

}  // namespace beamline::store::postgres
