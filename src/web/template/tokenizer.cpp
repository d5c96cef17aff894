#include "web/template/tokenizer.hpp"

#include "web/template/cpp_lexer.hpp"
#include "web/template/html_facts.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

constexpr bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':'
      || static_cast<unsigned char>(c) >= 0x80U;
}
constexpr bool ends_attribute_name(char c) {
  return is_space(c) || c == '=' || c == '>' || c == '/' || c == '"' || c == '\'' || c == '<' || c == '{' || c == '}';
}

constexpr std::string_view plain_braces_attribute = "phx-no-curly-interpolation";

}  // namespace

token tokenizer::next() {
  if (at_ >= text_.size())
    return made(token::kind::end, at_);
  if (!raw_element_.empty())
    return raw_content();
  if (looking_at("<%"))
    return embedded();
  if (looking_at("<!"))
    return comment_or_markup();
  if (looking_at("</"))
    return close_tag();
  if (text_[at_] == '<' && at_ + 1 < text_.size()
      && (is_name_start(text_[at_ + 1]) || text_[at_ + 1] == '.' || text_[at_ + 1] == ':'))
    return open_tag();
  if (text_[at_] == '{' && plain_braces_.empty())
    return interpolation();
  return text();
}

/// Everything up to the closing tag of a script or style.
token tokenizer::raw_content() {
  const auto begin = at_;
  const auto is_end = [&](std::size_t at) {
    if (text_.substr(at, 2) != "</")
      return false;
    const auto name = text_.substr(at + 2, raw_element_.size());
    const auto behind = at + 2 + name.size();
    return std::ranges::equal(name, raw_element_, [](char a, char b) { return (a | 0x20) == (b | 0x20); })
        && (behind == text_.size() || !is_name_char(text_[behind]));
  };
  while (at_ < text_.size() && !is_end(at_)) {
    if (looking_at("<%") && !looking_at("<%%")) {
      out_->error({static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + 2)},
                  "a value cannot stand inside <" + raw_element_
                      + ">, where nothing escapes it; put it in a data-* attribute of an element and read it there");
      at_ += 2;
      continue;
    }
    ++at_;
  }
  raw_element_.clear();
  return at_ == begin ? next() : made(token::kind::text, begin);
}

token tokenizer::text() {
  const auto begin = at_;
  while (at_ < text_.size()) {
    if (looking_at("<%%"))  // An escaped <%.
      at_ += 3;
    else if (text_[at_] == '<' && at_ > begin)
      break;
    else if (plain_braces_.empty() && (text_[at_] == '{' || text_[at_] == '}') && at_ > begin)
      break;
    else if (plain_braces_.empty() && text_[at_] == '}') {
      const auto here = since(at_);
      out_->error({here.begin, here.begin + 1}, "this } closes nothing; write &rbrace; for a brace in text");
      ++at_;
    } else if (text_[at_] == '<') {
      const auto here = since(at_);
      out_->error({here.begin, here.begin + 1}, "this < begins no tag; write &lt; for the character");
      ++at_;
    } else
      ++at_;
  }
  return made(token::kind::text, begin);
}

token tokenizer::comment_or_markup() {
  const auto begin = at_;
  const auto is_comment = looking_at("<!--");
  const auto closer = std::string_view{is_comment ? "-->" : ">"};
  const auto end = text_.find(closer, at_ + (is_comment ? 4 : 2));
  if (end == std::string_view::npos) {
    out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + (is_comment ? 4 : 2))},
                is_comment ? "this comment is not closed; end it with -->" : "this declaration is not closed with >");
    at_ = text_.size();
    return made(token::kind::markup, begin);
  }
  if (const auto value = text_.substr(0, end).find("<%", at_); value != std::string_view::npos)
    out_->error({static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value + 2)},
                "a value cannot stand inside an HTML comment; write <%!-- … --%> for a comment of the template");
  at_ = end + closer.size();
  return made(token::kind::markup, begin);
}

token tokenizer::embedded() {
  const auto begin = at_;
  if (looking_at("<%%"))
    return text();
  if (looking_at("<%!--")) {
    const auto end = text_.find("--%>", at_);
    if (end == std::string_view::npos) {
      out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 5)},
                  "this comment is not closed; end it with --%>");
      at_ = text_.size();
      return made(token::kind::end, at_);
    }
    at_ = end + 4;
    auto t = made(token::kind::comment, begin);
    t.inner = {static_cast<std::uint32_t>(begin + 5), static_cast<std::uint32_t>(end)};
    return t;
  }
  auto kind = token::kind::statement;
  auto from = begin + 2;
  if (looking_at("<%=") || looking_at("<%@")) {
    kind = looking_at("<%=") ? token::kind::block : token::kind::directive;
    ++from;
  }
  auto inner = span{};
  const auto is_closed = code_until(from, "%>", text_.substr(begin, from - begin), inner);
  auto t = made(is_closed ? kind : token::kind::end, begin);
  t.inner = inner;
  return t;
}

token tokenizer::interpolation() {
  const auto begin = at_;
  auto inner = span{};
  if (!code_until(begin + 1, "}", "{", inner))
    return made(token::kind::end, begin);
  auto t = made(token::kind::value, begin);
  t.inner = inner;
  return t;
}

bool tokenizer::code_until(std::size_t from, std::string_view terminator, std::string_view opener, span& inner) {
  using outcome = expression_end::outcome;
  const auto found = find_expression_end(text_, from, terminator);
  if (found.how == outcome::found) {
    inner = trim(*source_, {static_cast<std::uint32_t>(from), found.at});
    at_ = found.at + terminator.size();
    return true;
  }
  const auto culprit = span{found.at, found.at + 1};
  const auto begin = static_cast<std::uint32_t>(from - opener.size());
  if (found.how == outcome::open_literal)
    out_->error(culprit, "this text or comment has no end on its line; close it inside of the expression");
  else if (found.how == outcome::wrong_bracket)
    out_->error(culprit, std::string{"this "} + text_[found.at] + " closes nothing that is open in the expression");
  else if (found.at >= from && found.at < text_.size() && found.at != from)
    out_->error(culprit, std::string{"this "} + text_[found.at] + " is not closed within the expression");
  else
    out_->error({begin, static_cast<std::uint32_t>(from)},
                "this " + std::string{opener} + " is not closed; end the expression with " + std::string{terminator});
  // Go on behind what looks like the end: on the same line if possible.
  const auto line_end = std::min(text_.find('\n', from), text_.size());
  const auto guess = text_.substr(0, line_end).rfind(terminator);
  const auto is_guess = guess != std::string_view::npos && guess >= from;
  inner = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(is_guess ? guess : from)};
  at_ = is_guess ? guess + terminator.size() : line_end;
  return is_guess || at_ < text_.size();
}

std::string_view tokenizer::tag_name() {
  const auto begin = at_;
  if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == ':'))
    ++at_;
  while (at_ < text_.size() && is_name_char(text_[at_]))
    ++at_;
  return text_.substr(begin, at_ - begin);
}

token tokenizer::open_tag() {
  const auto begin = at_++;
  auto t = token{};
  t.what = token::kind::open_tag;
  const auto name_begin = at_;
  t.name = tag_name();
  t.name_where = since(name_begin);
  for (;;) {
    skip_space();
    if (looking_at("/>")) {
      t.is_self_closing = true;
      at_ += 2;
      break;
    }
    if (looking_at(">")) {
      ++at_;
      break;
    }
    if (at_ >= text_.size() || looking_at("<")) {
      out_->error({static_cast<std::uint32_t>(begin), t.name_where.end},
                  "the tag <" + t.name + " is not closed; end it with >");
      break;
    }
    if (!attribute_of(t))
      ++at_;
  }
  t.where = since(begin);
  entered(t);
  return t;
}

void tokenizer::entered(const token& tag) {
  if (tag.is_self_closing || is_void_element(tag.name))
    return;
  if (is_raw_element(tag.name))
    raw_element_ = tag.name;
  const auto is_plain =
      std::ranges::any_of(tag.attributes, [](const attribute& a) { return a.name == plain_braces_attribute; });
  if (is_plain || !plain_braces_.empty())
    plain_braces_.push_back(tag.name);
}

void tokenizer::left(std::string_view name) {
  const auto last = std::ranges::find(plain_braces_.rbegin(), plain_braces_.rend(), name);
  if (last != plain_braces_.rend())
    plain_braces_.erase(last.base() - 1, plain_braces_.end());
}

bool tokenizer::attribute_of(token& tag) {
  auto a = attribute{};
  const auto begin = at_;
  if (looking_at("<%")) {
    out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 2)},
                "a tag takes values as name={value}, not as <%= … %>");
    return false;
  }
  if (text_[at_] == '{') {
    a.what = attribute::kind::spread;
    if (!code_until(begin + 1, "}", "{", a.value.where))
      return true;
  } else {
    while (at_ < text_.size() && !ends_attribute_name(text_[at_]))
      ++at_;
    if (at_ == begin) {
      out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 1)},
                  "an attribute cannot begin with " + std::string{text_[begin]}
                      + "; write name=\"value\" or name={value}");
      return false;
    }
    a.name = text_.substr(begin, at_ - begin);
    a.name_where = since(begin);
    const auto after_name = at_;
    skip_space();
    if (!looking_at("="))
      at_ = after_name;
    else if (!attribute_value(a))
      return true;
  }
  a.where = since(begin);
  a.value.text = source_->text(a.value.where);
  tag.attributes.push_back(std::move(a));
  return true;
}

bool tokenizer::attribute_value(attribute& a) {
  ++at_;
  skip_space();
  const auto begin = at_;
  if (looking_at("{")) {
    a.what = attribute::kind::expression;
    return code_until(begin + 1, "}", "{", a.value.where);
  }
  a.what = attribute::kind::literal;
  if (looking_at("\"") || looking_at("'")) {
    const auto end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) {
      out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + 1)},
                  "the value of " + a.name + " is not closed; end it with " + text_[begin]);
      at_ = std::min(text_.find('\n', at_), text_.size());
      return false;
    }
    at_ = end + 1;
    a.text = text_.substr(begin + 1, end - begin - 1);
    if (const auto value = a.text.find("<%"); value != std::string::npos && a.text.find("<%%") != value)
      out_->error({static_cast<std::uint32_t>(begin + 1 + value), static_cast<std::uint32_t>(begin + 3 + value)},
                  "a quoted value is a plain text; write " + a.name + "={\"…\" + value}");
    return true;
  }
  while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '>' && !looking_at("/>"))
    ++at_;
  a.text = text_.substr(begin, at_ - begin);
  if (a.text.find_first_of("{<\"'`=") != std::string::npos || a.text.empty())
    out_->error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::max(at_, begin + 1))},
                "the value of " + a.name + " needs quotes, or braces around an expression: " + a.name + "=\"…\" or "
                    + a.name + "={…}");
  return true;
}

token tokenizer::close_tag() {
  const auto begin = at_;
  at_ += 2;
  auto t = token{};
  t.what = token::kind::close_tag;
  const auto name_begin = at_;
  t.name = tag_name();
  t.name_where = since(name_begin);
  skip_space();
  if (looking_at(">"))
    ++at_;
  else
    out_->error(since(begin), "the tag </" + t.name + " is not closed; end it with >");
  t.where = since(begin);
  left(t.name);
  return t;
}

}  // namespace beamline::web::heex
