#include "actors/process_text.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace beamline {

namespace {

// As in process_table: an id is a slot number and how often that slot was used.
constexpr std::uint64_t slot_bits = 24;
constexpr std::uint64_t slot_mask = (1ULL << slot_bits) - 1;
constexpr std::uint64_t use_max = (1ULL << (64 - slot_bits)) - 1;

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
  std::uint64_t n = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty() || n > max)
    return std::nullopt;
  return n;
}

/// 12.34 -> `12.3`, 1.20 -> `1.2`, 850 -> `850`.
std::string three_figures(double n) {
  char text[32];
  auto digits = n < 10 ? 2 : n < 100 ? 1 : 0;
  std::snprintf(text, sizeof text, "%.*f", digits, n);
  std::string out{text};
  if (out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.')
      out.pop_back();
  }
  return out;
}

std::string two_units(std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
  return std::to_string(big) + big_unit + (small < 10 ? "0" : "") + std::to_string(small) + small_unit;
}

/// To how many octets each part may be cut so that together they have at most `octets_max`.
std::size_t common_limit(const std::vector<std::string>& parts, std::size_t octets_max, std::size_t least) {
  std::vector<std::size_t> sorted;
  sorted.reserve(parts.size());
  for (const auto& p : parts)
    sorted.push_back(p.size());
  std::ranges::sort(sorted);
  auto left = octets_max;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    auto share = left / (sorted.size() - i);
    if (sorted[i] > share)  // This one and all longer ones share what is left.
      return std::max(share, least);
    left -= sorted[i];
  }
  return sorted.empty() ? octets_max : std::max(sorted.back(), least);
}

}  // namespace

std::string short_text(std::uint64_t id) {
  return "<" + std::to_string(id & slot_mask) + "." + std::to_string(id >> slot_bits) + ">";
}

std::optional<std::uint64_t> parse_pid_text(std::string_view text, std::string_view node) {
  if (text.size() >= 2 && text.front() == '<' && text.back() == '>')
    text = text.substr(1, text.size() - 2);
  for (auto prefix : {node, std::string_view{"n"}})
    if (text.size() > prefix.size() && text.starts_with(prefix) && text[prefix.size()] == '.') {
      text.remove_prefix(prefix.size() + 1);
      break;
    }
  auto dot = text.find('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  auto slot = parse_number(text.substr(0, dot), slot_mask);
  auto use = parse_number(text.substr(dot + 1), use_max);
  if (!slot || !use)
    return std::nullopt;
  return (*use << slot_bits) | *slot;
}

std::string span_text(duration d) {
  if (d < duration::zero())
    return "-" + span_text(d == duration::min() ? duration::max() : -d);
  auto ns = static_cast<double>(d.count());
  if (d < 1us)
    return std::to_string(d.count()) + "ns";
  if (ns < 999.5e3)
    return three_figures(ns / 1e3) + "us";
  if (ns < 999.5e6)
    return three_figures(ns / 1e6) + "ms";
  if (ns < 59.95e9)
    return three_figures(ns / 1e9) + "s";
  auto seconds = d / 1s + (d % 1s >= 500ms ? 1 : 0);  // std::chrono::round overflows near the longest one.
  if (seconds < 3600)
    return two_units(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86'400)
    return two_units(seconds / 3600, "h", seconds % 3600 / 60, "m");
  return two_units(seconds / 86'400, "d", seconds % 86'400 / 3600, "h");
}

std::string grouped(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string bytes_text(std::uint64_t n) {
  if (n < 1024)
    return std::to_string(n) + " B";
  auto size = static_cast<double>(n) / 1024;
  for (const char* unit : {" KiB", " MiB", " GiB"}) {
    if (size < 999.5)
      return three_figures(size) + unit;
    size /= 1024;
  }
  return three_figures(size) + " TiB";
}

std::string printable(std::string_view text, std::size_t octets_max) {
  std::string out;
  out.reserve(std::min(text.size(), octets_max));
  while (!text.empty() && out.size() <= octets_max) {
    auto step = next_utf8(text);
    auto first = static_cast<unsigned char>(text.front());
    // Beside the ASCII ones: U+0080 to U+009F, which are C2 80 to C2 9F, and the marks that turn the writing direction.
    auto is_control = first < 0x20 || first == 0x7f
                   || (step.octets == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0)
                   || (step.octets == 3 && first == 0xe2 && static_cast<unsigned char>(text[1]) == 0x80
                       && static_cast<unsigned char>(text[2]) >= 0xa8 && static_cast<unsigned char>(text[2]) <= 0xae);
    if (!step.is_valid || is_control)
      out += '?';
    else
      out += text.substr(0, step.octets);
    text.remove_prefix(step.octets);
  }
  if (out.size() <= octets_max)
    return out;
  return std::string{truncate_utf8(out, octets_max - 3)} + "...";
}

std::size_t columns(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string fit_line(const std::vector<std::string>& parts, std::size_t octets_max, std::size_t least,
                     const std::function<std::string(const std::vector<std::string>&)>& write) {
  std::vector<std::string> shown;
  std::size_t together = 0;
  for (const auto& p : parts)
    together += shown.emplace_back(printable(p, p.size() + 3)).size();
  auto line = write(shown);
  if (line.size() <= octets_max)
    return line;
  auto rest = line.size() - std::min(together, line.size());
  auto limit = common_limit(shown, octets_max - std::min(rest, octets_max), least);
  for (auto& p : shown)
    p = printable(p, limit);
  return printable(write(shown), octets_max);
}

}  // namespace beamline
