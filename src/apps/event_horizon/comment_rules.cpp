#include "apps/event_horizon/comment_rules.hpp"

#include "apps/accumulator/contracts.hpp"
#include "base/plain_text.hpp"
#include "base/utf8.hpp"

#include <string_view>
#include <utility>

namespace beamline::event_horizon {

namespace {

std::size_t letters(std::string_view text) {
  std::size_t n = 0;
  for (; !text.empty(); ++n)
    text.remove_prefix(next_utf8(text).octets);
  return n;
}

/// `what`: "comment" or "name".
std::string complaint_about(std::string_view text, std::size_t bytes_max, const std::string& what) {
  if (!is_plain_text(text))
    return "This " + what + " has characters that cannot be shown. Please write it as plain text.";
  if (text.size() <= bytes_max)
    return {};
  // What must go from the end for the rest to fit.
  const auto surplus = letters(text.substr(truncate_utf8(text, bytes_max).size()));
  return "This " + what + " is " + std::to_string(surplus) + (surplus == 1 ? " letter" : " letters")
       + " too long. Please shorten it.";
}

}  // namespace

comment_post tidied(comment_post c) {
  c.content = trimmed(std::move(c.content));
  c.author = on_one_line(std::move(c.author));
  return c;
}

comment_complaints complaints_about(const comment_post& c, std::size_t bytes_max) {
  return {.content =
              c.content.empty() ? "Please write something first." : complaint_about(c.content, bytes_max, "comment"),
          .author = complaint_about(c.author, accumulator::author_bytes_max, "name")};
}

result<comment_post> check_comment(comment_post c, std::size_t bytes_max) {
  c = tidied(std::move(c));
  auto wrong = complaints_about(c, bytes_max);
  auto first = wrong.content.empty() ? std::move(wrong.author) : std::move(wrong.content);
  if (!first.empty())
    return error{errc::invalid, std::move(first)};
  return c;
}

}  // namespace beamline::event_horizon
