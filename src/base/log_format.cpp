#include "base/log_format.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace beamline {

namespace {

constexpr std::string_view redacted_text = "(redacted)";
constexpr std::array<std::string_view, 5> secret_words{"cookie", "secret", "password", "token", "authorization"};
constexpr std::array<std::string_view, 5> reserved_keys{"time", "level", "area", "message", "node"};

constexpr std::size_t area_width = 12;

struct colours {
  std::string_view dim, level, bold, off;
};

colours choose_colours(log_level level, bool is_coloured) {
  if (!is_coloured)
    return {};
  auto of_level = [&]() -> std::string_view {
    switch (level) {
      case log_level::trace:
      case log_level::debug: return "\x1b[36m";
      case log_level::info: return "\x1b[32m";
      case log_level::warn: return "\x1b[33m";
      default: return "\x1b[31m";
    }
  };
  return {"\x1b[2m", of_level(), "\x1b[1m", "\x1b[0m"};
}

bool names_a_secret(std::string_view key) {
  std::string lower{key.substr(0, log_word_bytes_max)};
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::any_of(secret_words, [&](auto word) { return lower.find(word) != std::string::npos; });
}

std::string time_text(wall_time t, bool is_fine) {
  auto day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss clock{t - day};
  auto micros = clock.subseconds().count();
  auto seconds = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                             static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                             clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  return seconds + (is_fine ? fmt::format(".{:06}Z", micros) : fmt::format(".{:03}Z", micros / 1000));
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  auto start = truncate_utf8(text, bytes_max);
  if (start.size() == text.size())
    return std::string{text};
  return std::string{start} + "… (" + std::to_string(text.size() - start.size()) + " bytes more)";
}

bool is_word(std::string_view text) {
  return !text.empty()
      && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\'; });
}

std::string number(double d) { return std::isfinite(d) ? fmt::format("{}", d) : fmt::format("\"{}\"", d); }

/// As it stands, or quoted if a reader could take it for something else.
std::string word_or_quoted(std::string_view text) { return is_word(text) ? std::string{text} : config::quote(text); }

/// A message keeps its blanks; everything that disturbs is escaped.
std::string message_text(std::string_view text) {
  auto shown = cut(text, log_message_bytes_max);
  auto quoted = config::quote(shown);
  return quoted.size() == shown.size() + 2 ? shown : quoted;
}

std::string duration_text(duration d) {
  auto n = static_cast<double>(d.count());
  auto size = std::abs(n);
  if (size >= 1e9)
    return fmt::format("{:.6g}s", n / 1e9);
  if (size >= 1e6)
    return fmt::format("{:.4g}ms", n / 1e6);
  if (size >= 1e3)
    return fmt::format("{:.4g}us", n / 1e3);
  return fmt::format("{}ns", d.count());
}

std::string text_value(const log_field& f) {
  if (names_a_secret(f.key))
    return std::string{redacted_text};
  return std::visit(
      []<class V>(const V& v) -> std::string {
        if constexpr (std::is_same_v<V, bool>)
          return v ? "true" : "false";
        else if constexpr (std::is_same_v<V, std::string_view>)
          return word_or_quoted(cut(v, log_value_bytes_max));
        else if constexpr (std::is_same_v<V, duration>)
          return duration_text(v);
        else if constexpr (std::is_same_v<V, redacted>)
          return std::string{redacted_text};
        else
          return fmt::format("{}", v);
      },
      f.value.get());
}

std::string json_value(const log_field& f) {
  if (names_a_secret(f.key))
    return config::quote(redacted_text);
  return std::visit(
      []<class V>(const V& v) -> std::string {
        if constexpr (std::is_same_v<V, bool>)
          return v ? "true" : "false";
        else if constexpr (std::is_same_v<V, std::string_view>)
          return config::quote(cut(v, log_value_bytes_max));
        else if constexpr (std::is_same_v<V, duration>)
          return number(static_cast<double>(v.count()) / 1e6);
        else if constexpr (std::is_same_v<V, redacted>)
          return config::quote(redacted_text);
        else if constexpr (std::is_same_v<V, double>)
          return number(v);
        else
          return std::to_string(v);
      },
      f.value.get());
}

std::string json_key(const log_field& f) {
  auto key = cut(f.key, log_word_bytes_max);
  if (std::holds_alternative<duration>(f.value.get()) && !key.ends_with("_ms") && !names_a_secret(key))
    key += "_ms";
  return std::ranges::find(reserved_keys, key) == reserved_keys.end() ? key : "field." + key;
}

}  // namespace

std::string format_text(const log_record& r, bool is_coloured) {
  auto c = choose_colours(r.level, is_coloured);
  auto area = word_or_quoted(cut(r.area, log_word_bytes_max));
  auto out = fmt::format("{}{}{} {}{:<8}{} {:<{}} {}{}{}", c.dim, time_text(r.time, false), c.off, c.level,
                         to_string(r.level), c.off, area, area_width, c.bold, message_text(r.message), c.off);
  for (const auto& f : r.fields.first(std::min(r.fields.size(), log_fields_max)))
    out += fmt::format(" {}{}={}{}", c.dim, word_or_quoted(cut(f.key, log_word_bytes_max)), c.off, text_value(f));
  if (r.fields.size() > log_fields_max)
    out += fmt::format(" fields_left_out={}", r.fields.size() - log_fields_max);
  return out;
}

std::string format_json(const log_record& r) {
  auto out =
      fmt::format(R"({{"time":"{}","level":"{}","area":{},"message":{})", time_text(r.time, true), to_string(r.level),
                  config::quote(cut(r.area, log_word_bytes_max)), config::quote(cut(r.message, log_message_bytes_max)));
  if (!r.node.empty())
    out += fmt::format(R"(,"node":{})", config::quote(r.node));
  for (const auto& f : r.fields.first(std::min(r.fields.size(), log_fields_max)))
    out += fmt::format(",{}:{}", config::quote(json_key(f)), json_value(f));
  if (r.fields.size() > log_fields_max)
    out += fmt::format(R"(,"fields_left_out":{})", r.fields.size() - log_fields_max);
  return out + "}";
}

}  // namespace beamline
