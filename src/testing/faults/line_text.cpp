#include "testing/faults/line_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace beamline::testing::detail {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t nanoseconds;
  std::size_t digits;  // After the point, at most.
};

// The longer names first: each but "ns" ends like another.
constexpr std::array<unit, 4> units{{
    {"ns", 1, 0},
    {"us", 1'000, 3},
    {"ms", 1'000'000, 6},
    {"s", 1'000'000'000, 9},
}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == ',' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

int hex_value(char c) {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string duration_text(duration d) {
  if (d == duration{})
    return "0s";
  // Negated as unsigned: the smallest duration has no positive twin.
  auto left = static_cast<std::uint64_t>(d.count());
  if (d < duration{})
    left = 0 - left;
  auto u = std::find_if(units.rbegin(), units.rend(), [&](const unit& x) { return x.nanoseconds <= left; });
  auto out = (d < duration{} ? "-" : "") + std::to_string(left / u->nanoseconds);
  if (auto rest = left % u->nanoseconds; rest != 0) {
    auto digits = std::to_string(rest);
    digits.insert(0, u->digits - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out.append(u->name);
}

std::string word_text(std::string_view word) {
  auto is_plain = [](char c) { return !is_blank(c) && !is_control(c) && c != '"' && c != '\\' && c != '|'; };
  if (!word.empty() && word.front() != '#' && std::all_of(word.begin(), word.end(), is_plain))
    return std::string{word};
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (char c : word) {
    if (is_control(c)) {
      auto code = static_cast<unsigned char>(c);
      out += {'\\', 'x', hex[code >> 4], hex[code & 15]};
    } else {
      if (c == '"' || c == '\\')
        out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

bool read_number(std::string_view text, std::uint64_t& into) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), into);
  return ec == std::errc{} && end == text.data() + text.size();
}

bool read_duration(std::string_view text, duration& into) {
  bool is_negative = text.starts_with('-');
  if (is_negative)
    text.remove_prefix(1);
  auto u = std::find_if(units.begin(), units.end(), [&](const unit& x) { return text.ends_with(x.name); });
  if (u == units.end())
    return false;
  text.remove_suffix(u->name.size());
  auto point = text.find('.');
  std::uint64_t whole = 0, part = 0;
  if (!read_number(text.substr(0, point), whole))
    return false;
  if (point != std::string_view::npos) {
    auto digits = std::string{text.substr(point + 1)};
    if (digits.empty() || digits.size() > u->digits)
      return false;
    digits.append(u->digits - digits.size(), '0');
    if (!read_number(digits, part))
      return false;
  }
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (whole > (max - part) / u->nanoseconds)
    return false;
  auto n = static_cast<std::int64_t>(whole * u->nanoseconds + part);
  into = duration{is_negative ? -n : n};
  return true;
}

line_reader::line_reader(std::string_view line) : line_{line} {
  find_word(0);
  if (peek().starts_with('#'))
    word_begin_ = word_end_ = line_.size();
}

void line_reader::find_word(std::size_t from) {
  while (from < line_.size() && is_blank(line_[from]))
    ++from;
  auto to = from;
  if (to < line_.size() && line_[to] == '"') {
    for (++to; to < line_.size() && line_[to] != '"'; ++to)
      if (line_[to] == '\\' && to + 1 < line_.size())
        ++to;
    to = std::min(to + 1, line_.size());
  } else {
    while (to < line_.size() && !is_blank(line_[to]))
      ++to;
  }
  word_begin_ = from;
  word_end_ = to;
  if (from != 0 && peek().starts_with('#') && (peek().size() < 2 || !is_digit(peek()[1])))
    word_begin_ = word_end_ = line_.size();
}

bool line_reader::take(std::string_view word) {
  if (peek() != word)
    return false;
  skip();
  return true;
}

void line_reader::fail(std::string_view expected) const {
  auto found = at_end() ? std::string{"the end"} : "\"" + std::string{peek().substr(0, 60)} + "\"";
  throw unreadable{column(), "found " + found + ", expected " + std::string{expected}};
}

std::string line_reader::unquoted() {
  auto text = peek();
  if (!text.starts_with('"'))
    return std::string{text};
  std::string out;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (i + 3 < text.size() && text[i + 1] == 'x' && hex_value(text[i + 2]) >= 0
               && hex_value(text[i + 3]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
      i += 3;
    } else if (i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) {
      out += text[++i];
    } else {
      throw unreadable{column() + i, R"(found a lone backslash, expected \", \\ or \x and two hex digits)"};
    }
  }
  if (i == text.size())
    throw unreadable{column(), "found a quote without its end, expected \" before the end of the line"};
  return out;
}

std::string line_reader::word(std::string_view expected) {
  if (at_end() || peek() == "|" || peek() == "->")
    fail(expected);
  auto w = unquoted();
  skip();
  return w;
}

void line_reader::keyword(std::string_view word) {
  if (!take(word))
    fail("\"" + std::string{word} + "\"");
}

duration line_reader::time(std::string_view expected) {
  duration d{};
  if (!read_duration(peek(), d))
    fail(expected);
  skip();
  return d;
}

duration line_reader::length(std::string_view expected) {
  if (peek().starts_with('-'))
    fail(expected);
  return time(expected);
}

std::uint64_t line_reader::number(std::string_view expected, std::uint64_t max) {
  std::uint64_t n = 0;
  if (!read_number(peek(), n) || n > max)
    fail(expected);
  skip();
  return n;
}

}  // namespace beamline::testing::detail
