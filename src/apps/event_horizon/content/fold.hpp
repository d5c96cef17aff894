#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

/// Text as it is compared: lower case, without accents, every run of anything but letters and digits as one space.
/// `Crème brûlée!` and `creme  BRULEE` are one. Latin, Greek and Cyrillic letters are folded, others taken as they are.
/// Pure; malformed UTF-8 counts as space.
[[nodiscard]] std::string fold(std::string_view text);

/// The same with the way back: `origin[i]` is where in `text` octet `i` of the result comes from.
struct folded_text {
  std::string text;
  std::vector<std::size_t> origin;
};
[[nodiscard]] folded_text fold_with_origin(std::string_view text);

/// An address made of a title or file name: the folded words with hyphens between them, ASCII only, at most
/// `bytes_max` octets; empty when nothing is left.
[[nodiscard]] std::string slugified(std::string_view text, std::size_t bytes_max);

}  // namespace beamline::event_horizon
