#include "store/postgres/tokens.hpp"

#include <algorithm>

namespace beamline::store::postgres {

namespace {

using kind = token::kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

template <class F>
std::size_t run_of(std::string_view s, std::size_t from, F is_member) {
  while (from < s.size() && is_member(s[from]))
    ++from;
  return from;
}

/// The end of a quoted text that begins at `from` with its quote. A doubled quote stands for itself.
std::size_t quoted(std::string_view s, std::size_t from, bool has_backslashes) {
  const char quote = s[from];
  for (std::size_t i = from + 1; i < s.size(); ++i) {
    if (has_backslashes && s[i] == '\\') {
      ++i;
    } else if (s[i] == quote) {
      if (i + 1 < s.size() && s[i + 1] == quote)
        ++i;
      else
        return i + 1;
    }
  }
  return s.size();
}

std::size_t block_comment(std::string_view s) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i + 1 < s.size(); ++i) {
    const auto pair = s.substr(i, 2);
    if (pair == "/*") {
      ++depth;
      ++i;
    } else if (pair == "*/") {
      ++i;
      if (--depth == 0)
        return i + 1;
    }
  }
  return s.size();
}

std::size_t after_dollar(std::string_view s, kind& is) {
  if (s.size() > 1 && is_digit(s[1])) {
    is = kind::placeholder;
    return run_of(s, 1, is_digit);
  }
  const auto tag_end = run_of(s, 1, [](char c) { return is_letter(c) || is_digit(c); });
  if (tag_end >= s.size() || s[tag_end] != '$') {
    is = kind::sign;
    return 1;
  }
  is = kind::literal;
  const auto tag = s.substr(0, tag_end + 1);
  const auto end = s.find(tag, tag.size());
  return end == std::string_view::npos ? s.size() : end + tag.size();
}

/// How long the token at the beginning of `s` is; `s` is not empty.
std::size_t measure(std::string_view s, kind& is) {
  const char c = s.front();
  if (is_space(c)) {
    is = kind::space;
    return run_of(s, 0, is_space);
  }
  if (s.starts_with("--")) {
    is = kind::space;
    return std::min(s.find('\n'), s.size() - 1) + 1;
  }
  if (s.starts_with("/*")) {
    is = kind::space;
    return block_comment(s);
  }
  if (c == '\'') {
    is = kind::literal;
    return quoted(s, 0, false);
  }
  if (c == '"') {
    is = kind::name;
    return quoted(s, 0, false);
  }
  if ((c == 'E' || c == 'e') && s.size() > 1 && s[1] == '\'') {
    is = kind::literal;
    return quoted(s, 1, true);
  }
  if (is_letter(c)) {
    is = kind::word;
    return run_of(s, 0, [](char x) { return is_letter(x) || is_digit(x) || x == '$'; });
  }
  if (is_digit(c)) {
    is = kind::literal;
    return run_of(s, 0, [](char x) { return is_digit(x) || is_letter(x) || x == '.'; });
  }
  if (c == '$')
    return after_dollar(s, is);
  is = kind::sign;
  return s.starts_with("::") ? 2 : 1;
}

}  // namespace

token tokenizer::next() {
  auto t = token{};
  if (rest_.empty())
    return t;
  const auto size = measure(rest_, t.is);
  t.text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return t;
}

bool is_word(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

}  // namespace beamline::store::postgres
