#include "base/config/value.hpp"

#include "base/utf8.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <type_traits>

namespace beamline::config {

namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array duration_units{
    unit{"d", 86'400'000'000'000},
    unit{"h", 3'600'000'000'000},
    unit{"m", 60'000'000'000},
    unit{"s", 1'000'000'000},
    unit{"ms", 1'000'000},
    unit{"us", 1'000},
    unit{"ns", 1},
};

constexpr std::array size_units{unit{"GiB", 1 << 30}, unit{"MiB", 1 << 20}, unit{"KiB", 1 << 10}, unit{"B", 1}};

/// Takes a run of digits from the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t n = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9')
    return std::nullopt;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return n;
}

/// Takes a run of letters from the front of `text`.
std::string_view take_word(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z')))
    ++n;
  auto word = text.substr(0, n);
  text.remove_prefix(n);
  return word;
}

template <class Units>
std::string in_largest_unit(std::int64_t n, const Units& units, std::string_view zero) {
  if (n == 0)
    return std::string{zero};
  for (const auto& u : units)
    if (n % u.factor == 0)
      return std::to_string(n / u.factor) + std::string{u.name};
  return std::to_string(n);
}

std::string format_number(double d) {
  std::array<char, 32> buffer;
  auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d);
  std::string text{buffer.data(), end};
  // TOML tells floats from integers by the dot or the exponent.
  return text.find_first_of(".eni") == std::string::npos ? text + ".0" : text;
}

/// Control characters beyond ASCII that move a terminal's cursor or reorder its text.
bool is_disturbing(std::string_view character) {
  if (character.size() == 2)  // U+0080 to U+009F
    return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2')
    return false;
  auto second = static_cast<unsigned char>(character[1]);
  auto third = static_cast<unsigned char>(character[2]);
  return (second == 0x80 && third >= 0xA8 && third <= 0xAE)   // U+2028 to U+202E
      || (second == 0x81 && third >= 0xA6 && third <= 0xA9);  // U+2066 to U+2069
}

void append_code(std::string& out, unsigned code) {
  std::array<char, 8> buffer;
  std::snprintf(buffer.data(), buffer.size(), "\\u%04X", code);
  out += buffer.data();
}

unsigned code_point(std::string_view character) {
  auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(character[i])); };
  return character.size() == 2 ? ((at(0) & 0x1F) << 6) | (at(1) & 0x3F)
                               : ((at(0) & 0x0F) << 12) | ((at(1) & 0x3F) << 6) | (at(2) & 0x3F);
}

void append_character(std::string& out, std::string_view character) {
  char c = character.front();
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
    append_code(out, static_cast<unsigned char>(c));
  else if (is_disturbing(character))
    append_code(out, code_point(character));
  else
    out += character;
}

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;  // clang 14 does not deduce it by itself.

}  // namespace

std::string_view describe(kind k) {
  switch (k) {
    case kind::boolean: return "true or false";
    case kind::integer: return "whole number";
    case kind::number: return "number";
    case kind::text: return "text";
    case kind::path: return "path";
    case kind::duration: return "duration";
    case kind::bytes: return "size";
    case kind::list: return "list of text";
    case kind::map: return "table of text";
    case kind::tables: return "list of tables";
  }
  return "unknown";
}

std::optional<duration> parse_duration(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  std::int64_t total = 0;
  std::size_t next = 0;  // Units must get smaller, so that each is written once.
  while (!text.empty()) {
    auto n = take_number(text);
    if (!n)
      return std::nullopt;
    auto word = take_word(text);
    while (next < duration_units.size() && duration_units[next].name != word)
      ++next;
    if (next == duration_units.size())
      return std::nullopt;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(*n, duration_units[next++].factor, &part) || __builtin_add_overflow(total, part, &total))
      return std::nullopt;
  }
  return duration{total};
}

std::string format(duration d) { return in_largest_unit(d.count(), duration_units, "0s"); }

std::optional<byte_size> parse_byte_size(std::string_view text) {
  auto n = take_number(text);
  if (!n)
    return std::nullopt;
  for (const auto& u : size_units) {
    std::int64_t total = 0;
    if (u.name == text && !__builtin_mul_overflow(*n, u.factor, &total))
      return byte_size{static_cast<std::uint64_t>(total)};
  }
  return std::nullopt;
}

std::string format(byte_size size) { return in_largest_unit(static_cast<std::int64_t>(size.bytes), size_units, "0B"); }

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    auto [octets, is_valid] = next_utf8(text);
    if (is_valid)
      append_character(out, text.substr(0, octets));
    else
      out += "\xEF\xBF\xBD";
    text.remove_prefix(octets);
  }
  return out += '"';
}

std::string to_toml(const value& v) {
  return std::visit(overloaded{
                        [](bool b) { return std::string{b ? "true" : "false"}; },
                        [](std::int64_t n) { return std::to_string(n); },
                        [](double d) { return format_number(d); },
                        [](const std::string& s) { return quote(s); },
                        [](duration d) { return quote(format(d)); },
                        [](byte_size b) { return quote(format(b)); },
                        [](const text_list& all) {
                          std::string out = "[";
                          for (const auto& one : all)
                            out += (out.size() > 1 ? ", " : "") + quote(one);
                          return out += ']';
                        },
                        [](const text_map& all) {
                          std::string out = "{";
                          for (const auto& [name, text] : all)
                            out += (out.size() > 1 ? ", " : " ") + quote(name) + " = " + quote(text);
                          return out += out.size() > 1 ? " }" : "}";
                        },
                    },
                    v);
}

}  // namespace beamline::config
