#include "store/sql_text.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

namespace beamline::store {

namespace {

// Longer statements are cut in messages.
constexpr std::size_t excerpt_bytes_max = 120;

}  // namespace

std::string excerpt(std::string_view sql) {
  auto line = std::string{};
  for (char c : sql) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (is_space && (line.empty() || line.back() == ' '))
      continue;
    if (line.size() == excerpt_bytes_max)
      return line + "...";
    line += is_space ? ' ' : c;
  }
  return line;
}

result<void> check_text(std::string_view sql, parameters values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto* text = std::get_if<std::string_view>(&values[i].view());
    if (!text)
      continue;
    if (const auto at = text->find('\0'); at != std::string_view::npos)
      return error{errc::invalid, fmt::format("the text for ${} has a zero byte at position {}; text cannot hold one, "
                                              "store octets as blob_view: \"{}\"",
                                              i + 1, at, excerpt(sql))};
    if (const auto at = find_invalid_utf8(*text); at != std::string_view::npos)
      return error{errc::invalid, fmt::format("the text for ${} is not valid UTF-8 at position {}; store octets as "
                                              "blob_view: \"{}\"",
                                              i + 1, at, excerpt(sql))};
  }
  return {};
}

}  // namespace beamline::store
