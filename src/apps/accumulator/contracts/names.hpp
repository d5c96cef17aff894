#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What posts, pages, visitors and metrics may be called.
namespace beamline::accumulator {

// Longer slugs, names of pages and visitors are refused as `invalid`.
inline constexpr std::size_t slug_bytes_max = 100;
inline constexpr std::size_t visitor_bytes_min = 8;
inline constexpr std::size_t visitor_bytes_max = 64;

/// A slug is lower-case letters and digits in words joined by single hyphens: `hello`, `two-nodes-1`. Posts and pages
/// are named so.
[[nodiscard]] constexpr bool is_slug(std::string_view text) noexcept {
  if (text.empty() || text.size() > slug_bytes_max)
    return false;
  bool after_hyphen = true;  // Neither first nor after another one ...
  for (char c : text) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && (c != '-' || after_hyphen))
      return false;
    after_hyphen = c == '-';
  }
  return !after_hyphen;  // ... nor last.
}

/// A visitor is an opaque word made by the web layer: letters, digits, `-` and `_`.
[[nodiscard]] constexpr bool is_visitor(std::string_view text) noexcept {
  return text.size() >= visitor_bytes_min && text.size() <= visitor_bytes_max
      && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

/// One number that can be asked for and listened to: `site.visits`, `page.home.visits`, `blog.hello.likes`.
struct metric {
  enum class scope : std::uint8_t { site, page, blog };
  enum class number : std::uint8_t { visits, likes, comments };

  scope of = scope::site;
  std::string name{};  // Of the page or post; empty for the site.
  number what = number::visits;

  friend bool operator==(const metric&, const metric&) = default;
};

/// The key of a metric: its parts, joined by dots.
[[nodiscard]] std::string metric_key(const metric& m);
/// Nothing: there is no such metric.
[[nodiscard]] std::optional<metric> parse_metric(std::string_view key);

}  // namespace beamline::accumulator
