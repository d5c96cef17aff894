#include "apps/event_horizon/content/fold.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace beamline::event_horizon {

namespace {

/// The letters U+00C0 to U+017F without their accents; a space where there is no letter.
constexpr std::string_view latin_letters = "aaaaaa*ceeeeiiii"   // U+00C0
                                           "dnooooo ouuuuyt*"   // U+00D0: ends with thorn and sharp s.
                                           "aaaaaa*ceeeeiiii"   // U+00E0
                                           "dnooooo ouuuuyty"   // U+00F0
                                           "aaaaaaccccccccdd"   // U+0100
                                           "ddeeeeeeeeeegggg"   // U+0110
                                           "gggghhhhiiiiiiii"   // U+0120
                                           "ii**jjkkklllllll"   // U+0130
                                           "lllnnnnnnnnnoooo"   // U+0140
                                           "oo**rrrrrrssssss"   // U+0150
                                           "ssttttttuuuuuuuu"   // U+0160
                                           "uuuuwwyyyzzzzzzs";  // U+0170
constexpr std::uint32_t latin_first = 0xC0;
static_assert(latin_letters.size() == 0x180 - latin_first);

struct ligature {
  std::uint32_t from;
  std::string_view to;
};
constexpr auto ligatures = std::to_array<ligature>({
    {0xC6, "ae"},
    {0xDF, "ss"},
    {0xE6, "ae"},
    {0x132, "ij"},
    {0x133, "ij"},
    {0x152, "oe"},
    {0x153, "oe"},
    {0x1E9E, "ss"},
    {0xFB00, "ff"},
    {0xFB01, "fi"},
    {0xFB02, "fl"},
});

std::uint32_t code_point(std::string_view character) {
  auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(character[i])); };
  switch (character.size()) {
    case 1: return octet(0);
    case 2: return (octet(0) & 0x1F) << 6 | (octet(1) & 0x3F);
    case 3: return (octet(0) & 0x0F) << 12 | (octet(1) & 0x3F) << 6 | (octet(2) & 0x3F);
    default: return (octet(0) & 0x07) << 18 | (octet(1) & 0x3F) << 12 | (octet(2) & 0x3F) << 6 | (octet(3) & 0x3F);
  }
}

bool is_between(std::uint32_t c, std::uint32_t first, std::uint32_t last) { return c >= first && c <= last; }

/// Greek letters with tonos and dialytika, as their plain ones.
std::uint32_t greek_letter(std::uint32_t c) {
  switch (c) {
    case 0x386:
    case 0x3AC: return 0x3B1;
    case 0x388:
    case 0x3AD: return 0x3B5;
    case 0x389:
    case 0x3AE: return 0x3B7;
    case 0x38A:
    case 0x390:
    case 0x3AA:
    case 0x3AF:
    case 0x3CA: return 0x3B9;
    case 0x38C:
    case 0x3CC: return 0x3BF;
    case 0x38E:
    case 0x3AB:
    case 0x3B0:
    case 0x3CB:
    case 0x3CD: return 0x3C5;
    case 0x38F:
    case 0x3CE: return 0x3C9;
    case 0x3C2: return 0x3C3;
    default: return is_between(c, 0x391, 0x3A9) ? c + 0x20 : c;
  }
}

/// What a character folds to: nothing for marks, a space for what is neither letter nor digit.
void append_folded(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    bool is_word = is_between(c, '0', '9') || is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
    out += is_word ? static_cast<char>(is_between(c, 'A', 'Z') ? c + 0x20 : c) : ' ';
    return;
  }
  if (is_between(c, 0x300, 0x36F) || c == 0xAD || is_between(c, 0x200B, 0x200D) || c == 0xFEFF)
    return;  // Accents of their own, and what is not seen.
  const auto* known = std::find_if(ligatures.begin(), ligatures.end(), [&](const ligature& l) { return l.from == c; });
  if (known != ligatures.end()) {
    out += known->to;
    return;
  }
  if (is_between(c, latin_first, 0x17F)) {
    out += latin_letters[c - latin_first];
    return;
  }
  bool is_mark = is_between(c, 0x80, 0xBF) || is_between(c, 0x2000, 0x206F) || is_between(c, 0x2190, 0x2BFF)
              || is_between(c, 0x3000, 0x303F) || is_between(c, 0xFF00, 0xFF0F) || is_between(c, 0x1F000, 0x1FAFF);
  if (is_mark)
    out += ' ';
  else if (is_between(c, 0x386, 0x3CE))
    append_utf8(out, greek_letter(c));
  else if (is_between(c, 0x410, 0x42F))
    append_utf8(out, c + 0x20);
  else if (c == 0x401 || c == 0x451)
    append_utf8(out, 0x435);
  else
    append_utf8(out, is_between(c, 0x400, 0x40F) ? c + 0x50 : c);
}

/// Calls `with(folded, offset)` for each character of the text.
template <class With>
void for_each_folded(std::string_view text, With with) {
  auto folded = std::string{};
  for (auto at = std::size_t{0}; at < text.size();) {
    auto step = next_utf8(text.substr(at));
    folded.clear();
    if (step.is_valid)
      append_folded(folded, code_point(text.substr(at, step.octets)));
    else
      folded = " ";
    with(std::string_view{folded}, at);
    at += step.octets;
  }
}

}  // namespace

folded_text fold_with_origin(std::string_view text) {
  auto out = folded_text{};
  out.text.reserve(text.size());
  out.origin.reserve(text.size());
  for_each_folded(text, [&](std::string_view folded, std::size_t at) {
    if (folded == " " && (out.text.empty() || out.text.back() == ' '))
      return;
    out.text += folded;
    out.origin.resize(out.text.size(), at);
  });
  if (!out.text.empty() && out.text.back() == ' ') {
    out.text.pop_back();
    out.origin.pop_back();
  }
  return out;
}

std::string fold(std::string_view text) {
  auto out = std::string{};
  out.reserve(text.size());
  for_each_folded(text, [&](std::string_view folded, std::size_t) {
    if (folded != " " || (!out.empty() && out.back() != ' '))
      out += folded;
  });
  if (!out.empty() && out.back() == ' ')
    out.pop_back();
  return out;
}

std::string slugified(std::string_view text, std::size_t bytes_max) {
  auto out = std::string{};
  for (char c : fold(text)) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_word)
      out += c;
    else if (c == ' ' && !out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.size() > bytes_max)
    out.resize(bytes_max);
  while (out.ends_with('-'))
    out.pop_back();
  return out;
}

}  // namespace beamline::event_horizon
