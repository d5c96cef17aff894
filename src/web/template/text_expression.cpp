#include "web/template/text_expression.hpp"

#include "base/html.hpp"
#include "web/template/cpp_lexer.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

using kind = cpp_lexer::kind;

/// `"text"`: no prefix, not raw, nothing escaped.
bool is_plain_literal(std::string_view text) {
  return text.size() > 2 && text.front() == '"' && text.back() == '"' && text.find('\\') == std::string_view::npos;
}

}  // namespace

bool is_certainly_text(std::string_view expression) {
  const auto tokens = cpp_tokens(expression);
  if (tokens.empty())
    return false;
  const auto text = [&](std::size_t i) { return expression.substr(tokens[i].where.begin, tokens[i].where.size()); };
  if (std::ranges::all_of(tokens, [](const auto& t) { return t.what == kind::string; }))
    return true;
  const auto is_arrow = [&](std::size_t i) {
    return (text(i) == "-" && i + 1 < tokens.size() && text(i + 1) == ">")
        || (text(i) == ">" && i > 0 && text(i - 1) == "-");
  };
  auto depth = std::size_t{0};
  auto question = std::optional<std::size_t>{};
  auto is_sum = tokens[0].what == kind::string;  // "text" + ...
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto t = text(i);
    if (t == "(" || t == "[" || t == "{")
      ++depth;
    else if ((t == ")" || t == "]" || t == "}") && depth > 0)
      --depth;
    else if (depth == 0 && t == "?" && !question)
      question = i;
    else if (depth == 0 && tokens[i].what == kind::punctuation && t != "+" && t != "." && t != ":" && !is_arrow(i))
      is_sum = false;
  }
  if (question) {
    // c ? "a" : "b", and nothing behind.
    const auto n = tokens.size();
    return n == *question + 4 && tokens[n - 3].what == kind::string && text(n - 2) == ":"
        && tokens[n - 1].what == kind::string;
  }
  if (is_sum)
    return tokens.size() > 2 && text(1) == "+";
  const auto is_call_of = [&](std::string_view space, std::string_view name) {
    return tokens.size() > 6 && text(0) == space && text(3) == name && text(4) == "(" && text(tokens.size() - 1) == ")"
        && split_top_level(expression, '+').size() == 1;
  };
  return is_call_of("std", "to_string") || is_call_of("fmt", "format");
}

std::optional<text_sum> split_text_sum(const code& expression) {
  const auto tokens = cpp_tokens(expression.text);
  const auto text = [&](std::size_t i) {
    return std::string_view{expression.text}.substr(tokens[i].where.begin, tokens[i].where.size());
  };
  // "text" + x, where x is neither a character nor a number nor has a sign: such a sum is no text, but a mistake.
  if (tokens.size() < 3 || tokens[0].what != kind::string || !is_plain_literal(text(0)) || text(1) != "+"
      || (tokens[2].what != kind::identifier && tokens[2].what != kind::member) || !is_certainly_text(expression.text)
      || std::ranges::any_of(
          tokens, [&](const auto& t) { return expression.text.compare(t.where.begin, t.where.size(), "?") == 0; }))
    return std::nullopt;
  auto out = text_sum{};
  html::append_attribute(out.begin, text(0).substr(1, text(0).size() - 2));
  const auto from = tokens[2].where.begin;
  out.rest = {expression.text.substr(from), {expression.where.begin + from, expression.where.end}};
  out.rest_is_sum = split_top_level(out.rest.text, '+').size() > 1;
  return out;
}

bool begins_with_added_literal(std::string_view expression) {
  const auto tokens = cpp_tokens(expression);
  const auto text = [&](std::size_t i) { return expression.substr(tokens[i].where.begin, tokens[i].where.size()); };
  auto n = std::size_t{0};
  while (n < tokens.size() && tokens[n].what == kind::string && (text(n).front() == '"' || text(n).front() == 'R'))
    ++n;
  return n > 0 && n < tokens.size() && text(n) == "+";
}

}  // namespace beamline::web::heex
