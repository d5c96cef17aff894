#pragma once

#include "base/json_fwd.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline {

// Percent encoding, query strings and form bodies. Decoded text is always valid UTF-8; anything else is refused, as
// are percent signs without two hexadecimal digits. All functions are thread-safe.

/// Which part of a URL text is for: what needs encoding differs, and only in a query is `+` a space.
enum class url_part {
  path_segment,     // Between two slashes; `/` itself is encoded.
  query_component,  // A key or a value; also in form bodies.
};

void append_percent_encoded(std::string& out, std::string_view text, url_part part);
[[nodiscard]] std::string percent_encode(std::string_view text, url_part part);
/// `invalid` for a malformed escape or text that is not UTF-8 afterwards; the message gives the position.
[[nodiscard]] result<std::string> percent_decode(std::string_view text, url_part part);

/// Keys and values in the order in which they stand.
using query_pairs = std::vector<std::pair<std::string, std::string>>;

/// What a query or a form may have at most; more is `too_large`, and nothing of it is used.
struct query_limits {
  std::size_t bytes_max = 1024 * 1024;  // Length of the encoded text.
  std::size_t pairs_max = 1000;         // Number of `key=value` pairs.
  std::size_t depth_max = 16;           // Brackets behind a key, for `parse_form`.
};

/// Splits `a=1&b=2` and decodes both sides. A key without `=` has the empty value; empty pairs (`&&`) are skipped.
/// `query` comes without the question mark.
[[nodiscard]] result<query_pairs> parse_query(std::string_view query, query_limits limits = {});

/// The inverse of `parse_query`: every character except A-Z a-z 0-9 - . _ ~ is percent-encoded.
[[nodiscard]] std::string build_query(std::span<const std::pair<std::string, std::string>> pairs);

/// Decodes a query or form body into a JSON object whose leaves are strings:
///   a[b]=1       {"a":{"b":"1"}}
///   a[]=1&a[]=2  {"a":["1","2"]}
///   a[][k]=1     {"a":[{"k":"1"}]}   each pair makes a new element
/// Among values for one place the last wins, also when it has another shape (`a=1&a[b]=2`). A number in brackets
/// is a key like any other. A key whose brackets do not fit is taken literally.
[[nodiscard]] result<json> parse_form(std::string_view body, query_limits limits = {});

/// The path that a form key stands for: `u[tags][]` gives `u`, `tags` and the empty string. Used by `parse_form`,
/// and for the `_target` of form events. More than `depth_max` brackets are `too_large`.
[[nodiscard]] result<std::vector<std::string>> split_form_key(std::string_view key,
                                                              std::size_t depth_max = query_limits{}.depth_max);

/// What of a URL a request carries: `http://host/path?query#part` without scheme, host and part. Text that has none of
/// them is returned as it is.
[[nodiscard]] std::string_view target_of(std::string_view url) noexcept;

}  // namespace beamline
