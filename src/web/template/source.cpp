#include "web/template/source.hpp"

#include <algorithm>

namespace beamline::web::heex {

source::source(std::string name, std::string text) : name_{std::move(name)}, text_{std::move(text)} {
  line_begins_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n')
      line_begins_.push_back(i + 1);
}

place source::place_of(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::ranges::upper_bound(line_begins_, offset);
  const auto begin = *(next - 1);
  return {static_cast<std::size_t>(next - line_begins_.begin()), 1 + characters(text().substr(begin, offset - begin))};
}

std::size_t source::octets_before(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  return offset - *(std::ranges::upper_bound(line_begins_, offset) - 1);
}

std::string_view source::line(std::size_t number) const {
  if (number == 0 || number > line_begins_.size())
    return {};
  const auto begin = line_begins_[number - 1];
  auto found = text().substr(begin, text_.find('\n', begin) - begin);
  if (found.ends_with('\r'))
    found.remove_suffix(1);
  return found;
}

std::size_t characters(std::string_view text) {
  // Octets that continue a character do not count.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

span trim(const source& from, span s) {
  const auto whole = from.text(s);
  const auto inner = trim(whole);
  if (inner.empty())
    return {s.begin, s.begin};
  const auto begin = s.begin + static_cast<std::uint32_t>(inner.data() - whole.data());
  return {begin, begin + static_cast<std::uint32_t>(inner.size())};
}

}  // namespace beamline::web::heex
