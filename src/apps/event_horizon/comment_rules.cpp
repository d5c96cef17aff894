#include "apps/event_horizon/comment_rules.hpp"

#include "apps/accumulator/contracts.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace beamline::event_horizon {

namespace {

std::string trimmed(std::string text) {
  std::erase(text, '\r');  // Browsers end lines with both.
  constexpr std::string_view space = " \t\n";
  auto first = text.find_first_not_of(space);
  return first == std::string::npos ? std::string{} : text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool is_text(std::string_view text) {
  auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  };
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

error wrong(std::string what) { return {errc::invalid, std::move(what)}; }

}  // namespace

result<comment_post> check_comment(comment_post c, std::size_t bytes_max) {
  c.content = trimmed(std::move(c.content));
  c.author = trimmed(std::move(c.author));
  std::replace_if(
      c.author.begin(), c.author.end(), [](char one) { return one == '\n' || one == '\t'; }, ' ');
  if (c.content.empty())
    return wrong("Please write something first.");
  if (c.content.size() > bytes_max)
    return wrong("This comment has " + std::to_string(c.content.size()) + " bytes; at most " + std::to_string(bytes_max)
                 + " fit. Please shorten it.");
  if (!is_text(c.content))
    return wrong("This comment has characters that cannot be shown. Please write it as plain text.");
  if (c.author.size() > accumulator::author_bytes_max)
    return wrong("This name has " + std::to_string(c.author.size()) + " bytes; at most "
                 + std::to_string(accumulator::author_bytes_max) + " fit. Please shorten it.");
  if (!is_text(c.author))
    return wrong("This name has characters that cannot be shown. Please write it as plain text.");
  return c;
}

}  // namespace beamline::event_horizon
