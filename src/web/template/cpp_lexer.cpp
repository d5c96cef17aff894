#include "web/template/cpp_lexer.hpp"

#include <algorithm>
#include <array>

namespace beamline::web::heex {

namespace {

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80U;
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array keywords = {
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",
};

constexpr char opposite(char bracket) {
  switch (bracket) {
    case ')': return '(';
    case ']': return '[';
    default: return '{';
  }
}

}  // namespace

cpp_lexer::token cpp_lexer::made(kind what, std::size_t begin, bool is_unterminated) const {
  return {what, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}, is_unterminated};
}

cpp_lexer::token cpp_lexer::next() {
  while (at_ < text_.size() && is_space(text_[at_]))
    ++at_;
  const auto begin = at_;
  const auto c = peek();
  if (at_ >= text_.size())
    return made(kind::end, begin);
  if (c == '/' && (peek(1) == '/' || peek(1) == '*'))
    return comment();
  if (c == '"' || c == '\'')
    return quoted(begin);
  if (is_letter(c))
    return word();
  if (is_digit(c) || (c == '.' && is_digit(peek(1))))
    return number();
  ++at_;
  if (c != '@' || !is_letter(peek()))
    return made(kind::punctuation, begin);
  while (is_letter(peek()) || is_digit(peek()))
    ++at_;
  return made(kind::member, begin);
}

cpp_lexer::token cpp_lexer::comment() {
  const auto begin = at_;
  if (peek(1) == '/') {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return made(kind::comment, begin);
  }
  const auto end = text_.find("*/", at_ + 2);
  at_ = end == std::string_view::npos ? text_.size() : end + 2;
  return made(kind::comment, begin, end == std::string_view::npos);
}

cpp_lexer::token cpp_lexer::quoted(std::size_t begin) {
  const auto quote = text_[at_++];
  const auto what = quote == '"' ? kind::string : kind::character;
  for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
    if (text_[at_] == '\\')
      ++at_;
    else if (text_[at_] == quote) {
      ++at_;
      return made(what, begin);
    }
  }
  at_ = std::min(at_, text_.size());
  return made(what, begin, true);
}

cpp_lexer::token cpp_lexer::raw_string(std::size_t begin) {
  const auto open = text_.find('(', at_);
  // The standard allows 16 characters.
  if (open == std::string_view::npos || open - at_ > 17)
    return quoted(begin);
  const auto close = ")" + std::string{text_.substr(at_ + 1, open - at_ - 1)} + "\"";
  const auto end = text_.find(close, open);
  at_ = end == std::string_view::npos ? text_.size() : end + close.size();
  return made(kind::string, begin, end == std::string_view::npos);
}

cpp_lexer::token cpp_lexer::word() {
  const auto begin = at_;
  while (is_letter(peek()) || is_digit(peek()))
    ++at_;
  const auto name = text_.substr(begin, at_ - begin);
  if (peek() == '"' && (name == "R" || name == "u8R" || name == "uR" || name == "UR" || name == "LR"))
    return raw_string(begin);
  if ((peek() == '"' || peek() == '\'') && (name == "u8" || name == "u" || name == "U" || name == "L"))
    return quoted(begin);
  return made(kind::identifier, begin);
}

cpp_lexer::token cpp_lexer::number() {
  const auto begin = at_;
  for (;; ++at_) {
    const auto c = peek();
    const auto before = text_[at_ - (at_ > begin ? 1 : 0)];
    const auto is_exponent = before == 'e' || before == 'E' || before == 'p' || before == 'P';
    const auto is_part = is_letter(c) || is_digit(c) || c == '.' || ((c == '+' || c == '-') && is_exponent)
                      || (c == '\'' && (is_letter(peek(1)) || is_digit(peek(1))));
    if (!is_part)
      return made(kind::number, begin);
  }
}

expression_end find_expression_end(std::string_view text, std::size_t from, std::string_view terminator) {
  using outcome = expression_end::outcome;
  auto lexer = cpp_lexer{text, from};
  auto open = std::vector<std::uint32_t>{};
  for (;;) {
    const auto token = lexer.next();
    if (token.what == cpp_lexer::kind::end)
      return {outcome::not_closed, open.empty() ? static_cast<std::uint32_t>(from) : open.back()};
    if (token.is_unterminated)
      return {outcome::open_literal, token.where.begin};
    if (token.what != cpp_lexer::kind::punctuation)
      continue;
    const auto at = token.where.begin;
    if (terminator == "%>" && text.substr(at, 2) == "%>")
      return open.empty() ? expression_end{outcome::found, at} : expression_end{outcome::not_closed, open.back()};
    switch (const auto c = text[at]) {
      case '(':
      case '[':
      case '{': open.push_back(at); break;
      case ')':
      case ']':
      case '}':
        if (open.empty())
          return {c == '}' && terminator == "}" ? outcome::found : outcome::wrong_bracket, at};
        if (text[open.back()] != opposite(c))
          return {outcome::wrong_bracket, at};
        open.pop_back();
        break;
      default: break;
    }
  }
}

std::vector<cpp_lexer::token> cpp_tokens(std::string_view code) {
  auto lexer = cpp_lexer{code};
  auto out = std::vector<cpp_lexer::token>{};
  for (auto token = lexer.next(); token.what != cpp_lexer::kind::end; token = lexer.next())
    if (token.what != cpp_lexer::kind::comment)
      out.push_back(token);
  return out;
}

std::vector<span> split_top_level(std::string_view code, char separator) {
  auto out = std::vector<span>{};
  auto depth = std::size_t{0};
  auto angles = std::size_t{0};
  auto begin = std::uint32_t{0};
  for (const auto& token : cpp_tokens(code)) {
    if (token.what != cpp_lexer::kind::punctuation)
      continue;
    const auto at = token.where.begin;
    const auto c = code[at];
    if (c == separator && depth == 0 && angles == 0) {
      out.push_back({begin, at});
      begin = at + 1;
    } else if (c == '(' || c == '[' || c == '{')
      ++depth;
    else if ((c == ')' || c == ']' || c == '}') && depth > 0)
      --depth;
    else if (c == '<' && depth == 0 && code.substr(at, 2) != "<-")
      ++angles;
    else if (c == '>' && depth == 0 && angles > 0 && (at == 0 || code[at - 1] != '-'))
      --angles;
  }
  out.push_back({begin, static_cast<std::uint32_t>(code.size())});
  return out;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front())
      && std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_cpp_keyword(std::string_view text) { return std::ranges::find(keywords, text) != keywords.end(); }

std::string member_name(std::string_view attribute) {
  return std::string{attribute} + (is_cpp_keyword(attribute) ? "_" : "");
}

std::string string_literal(std::string_view content) {
  auto out = std::string{"\""};
  for (const auto c : content) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\0': out += "\\000"; break;
      // "??=" and its like were trigraphs once, and are warned about.
      case '?': out += out.ends_with('?') ? "\\?" : "?"; break;
      default: out += c;
    }
  }
  return out + "\"";
}

}  // namespace beamline::web::heex
