#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace beamline {

/// One step of walking over text that claims to be UTF-8.
struct utf8_step {
  std::size_t octets;  // How far to go on; at least 1.
  bool is_valid;       // Whether those octets are one well-formed character.
};

/// Looks at the first character of `text`, which must not be empty. Overlong forms, surrogates and code points
/// above U+10FFFF are not well-formed. A malformed step covers the longest start of a sequence that could have
/// become a character, so one U+FFFD per malformed step is what browsers (and nlohmann's `replace`) write.
[[nodiscard]] utf8_step next_utf8(std::string_view text) noexcept;

/// Offset of the first octet that is not well-formed UTF-8, or `npos` if all of `text` is.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept {
  return find_invalid_utf8(text) == std::string_view::npos;
}

/// The longest start of `text` that has at most `octets_max` octets and does not cut a character in two.
[[nodiscard]] std::string_view truncate_utf8(std::string_view text, std::size_t octets_max) noexcept;

/// `c` must be a character: at most U+10FFFF and no half of a surrogate pair.
void append_utf8(std::string& out, std::uint32_t c);

}  // namespace beamline
