#include "base/plain_text.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

namespace beamline {

std::string trimmed(std::string text) {
  std::erase(text, '\r');  // Browsers end lines with both.
  constexpr std::string_view space = " \t\n";
  auto first = text.find_first_not_of(space);
  return first == std::string::npos ? std::string{} : text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string on_one_line(std::string text) {
  text = trimmed(std::move(text));
  std::replace_if(
      text.begin(), text.end(), [](char one) { return one == '\n' || one == '\t'; }, ' ');
  return text;
}

bool is_plain_text(std::string_view text) {
  auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  };
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace beamline
