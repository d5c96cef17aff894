#include "web/live/form_value.hpp"

#include <array>
#include <cmath>

namespace beamline::web::live {

namespace {

/// Exactly `digits` of them.
std::optional<int> number_of(std::string_view text, std::size_t digits) {
  auto value = 0;
  if (text.size() != digits)
    return std::nullopt;
  for (const auto c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string padded(unsigned value, std::size_t digits) {
  auto text = std::to_string(value);
  return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  constexpr auto space = std::string_view{" \t\n\r\f\v"};
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::optional<bool> form_value<bool>::parse(std::string_view text) {
  text = trimmed(text);
  if (text == "true" || text == "on" || text == "1" || text == "yes")
    return true;
  if (text == "false" || text == "off" || text == "0" || text == "no")
    return false;
  return std::nullopt;
}

std::optional<double> form_value<double>::parse(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  auto value = double{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string form_value<double>::text(double value) {
  auto digits = std::array<char, 64>{};
  const auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return failed == std::errc{} ? std::string{digits.data(), end} : std::string{};
}

std::optional<std::chrono::year_month_day> form_value<std::chrono::year_month_day>::parse(std::string_view text) {
  text = trimmed(text);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const auto y = number_of(text.substr(0, 4), 4);
  const auto m = number_of(text.substr(5, 2), 2);
  const auto d = number_of(text.substr(8, 2), 2);
  if (!y || !m || !d)
    return std::nullopt;
  const auto date = std::chrono::year_month_day{std::chrono::year{*y}, std::chrono::month{static_cast<unsigned>(*m)},
                                                std::chrono::day{static_cast<unsigned>(*d)}};
  return date.ok() ? std::optional{date} : std::nullopt;
}

std::string form_value<std::chrono::year_month_day>::text(std::chrono::year_month_day value) {
  if (!value.ok())  // What a default-made date is: nothing to show.
    return {};
  return padded(static_cast<unsigned>(static_cast<int>(value.year())), 4) + "-"
       + padded(static_cast<unsigned>(value.month()), 2) + "-" + padded(static_cast<unsigned>(value.day()), 2);
}

}  // namespace beamline::web::live
