#pragma once

#include "base/result.hpp"
#include "web/request.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web {

// A query or a form with more fields than this is refused (400).
inline constexpr std::size_t query_fields_max = 512;

// More path segments than this are refused (400).
inline constexpr std::size_t path_segments_max = 64;

// Cookies after this many are ignored.
inline constexpr std::size_t cookies_max = 64;

/// A request target in origin form, taken apart.
struct parsed_target {
  std::string path;                   // Normalised; starts with a slash; an encoded slash stays `%2F`.
  std::vector<std::string> segments;  // Decoded. Empty segments are gone, `.` and `..` resolved.
  std::string query_text;
  pair_list query;
};

/// Takes `/path?query` apart. Refused: other forms of target, control characters and NUL, `..` above the root,
/// malformed escapes and invalid UTF-8. `..` counts as such also when it is percent-encoded, as in browsers.
[[nodiscard]] result<parsed_target> parse_target(std::string_view target);

/// The pairs of a `cookie` header; malformed ones are skipped.
[[nodiscard]] pair_list parse_cookies(std::string_view header);

}  // namespace beamline::web
