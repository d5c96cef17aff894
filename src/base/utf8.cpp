#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace beamline {

namespace {

// What may follow a lead octet: how many octets in all, and the range of the second one. The narrower ranges are
// what excludes overlong forms (E0, F0), surrogates (ED) and code points above U+10FFFF (F4). All later octets
// are 80..BF. From table 3-7 of the Unicode standard.
struct sequence_rule {
  std::size_t octets;
  unsigned char second_min;
  unsigned char second_max;
};

constexpr sequence_rule rule_of(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF)
    return {2, 0x80, 0xBF};
  if (lead == 0xE0)
    return {3, 0xA0, 0xBF};
  if (lead == 0xED)
    return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF)
    return {3, 0x80, 0xBF};
  if (lead == 0xF0)
    return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3)
    return {4, 0x80, 0xBF};
  if (lead == 0xF4)
    return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

unsigned char octet_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

}  // namespace

utf8_step next_utf8(std::string_view text) noexcept {
  auto lead = octet_at(text, 0);
  if (lead < 0x80)
    return {1, true};
  auto rule = rule_of(lead);
  if (rule.octets == 0)
    return {1, false};
  for (std::size_t i = 1; i < rule.octets; ++i) {
    auto low = i == 1 ? rule.second_min : 0x80;
    auto high = i == 1 ? rule.second_max : 0xBF;
    if (i == text.size() || octet_at(text, i) < low || octet_at(text, i) > high)
      return {i, false};
  }
  return {rule.octets, true};
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    // Most text is ASCII: look at eight octets at once.
    std::uint64_t word = 0;
    if (text.size() - i >= sizeof word) {
      std::memcpy(&word, text.data() + i, sizeof word);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += sizeof word;
        continue;
      }
    }
    auto step = next_utf8(text.substr(i));
    if (!step.is_valid)
      return i;
    i += step.octets;
  }
  return std::string_view::npos;
}

std::string_view truncate_utf8(std::string_view text, std::size_t octets_max) noexcept {
  if (text.size() <= octets_max)
    return text;
  auto is_continuation = [&](std::size_t i) { return (octet_at(text, i) & 0xC0) == 0x80; };
  auto end = octets_max;
  // A character has at most three continuation octets; in malformed text there may be more, which then are cut.
  while (end > 0 && octets_max - end < 3 && is_continuation(end))
    --end;
  return text.substr(0, is_continuation(end) ? octets_max : end);
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace beamline
