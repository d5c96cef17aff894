#include "web/live/form_rules.hpp"

#include <algorithm>

namespace beamline::web::live {

std::size_t length::count_characters(std::string_view text) {
  // Each character has one octet that continues nothing.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

complaint length::check(std::size_t size, std::string_view unit) const {
  if (size >= bounds_.min && size <= bounds_.max)
    return std::nullopt;
  if (!message_.empty())
    return message_;
  if (bounds_.min == bounds_.max)
    return "should have " + std::to_string(bounds_.min) + " " + std::string{unit};
  if (size < bounds_.min)
    return "should have at least " + std::to_string(bounds_.min) + " " + std::string{unit};
  return "should have at most " + std::to_string(bounds_.max) + " " + std::string{unit};
}

format::format(std::string_view pattern, std::string message)
    : pattern_{pattern.begin(), pattern.end(), std::regex::ECMAScript | std::regex::optimize},
      message_{std::move(message)} {}

complaint format::operator()(const std::string& text) const {
  // The library's matcher recurses once per character, so longer texts could exhaust the stack.
  if (text.size() <= octets_max && std::regex_match(text, pattern_))
    return std::nullopt;
  return message_;
}

}  // namespace beamline::web::live
