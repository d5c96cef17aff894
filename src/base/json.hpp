#pragma once

#include "base/json_fwd.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace beamline {

// JSON without exceptions, for text that comes from outside. All functions are thread-safe.

/// What is refused before it can do harm.
struct json_limits {
  std::size_t bytes_max = 1024 * 1024;  // Longer text is `too_large`, unread.
  std::size_t depth_max = 64;           // Arrays and objects nested deeper are `too_large`; a scalar has depth 0.
};

/// Parses exactly one JSON value. Refused, with `invalid` and the octet where it happened: anything RFC 8259 does
/// not allow, invalid UTF-8, lone surrogates, keys that occur twice in one object, integers that do not fit
/// into 64 bits, and other numbers beyond a double. Limits exceeded give `too_large`.
[[nodiscard]] result<json> parse_json(std::string_view text, json_limits limits = {});

/// Compact text. Never throws: invalid UTF-8 in strings becomes U+FFFD, NaN and infinities become null.
[[nodiscard]] std::string dump_json(const json& value);

/// Appends `text` as a JSON string, quotes included. Octet for octet what `dump_json` writes (so U+007F and
/// U+2028 pass through), but without building a value first: made for hot paths.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string.
[[nodiscard]] std::string json_string(std::string_view text);

// Fields of objects that came from outside. All of these find nothing, and never throw, if `object` is no object,
// the key is missing, or the field has another type. Pointers live as long as `object` is not changed.

[[nodiscard]] const json* find_field(const json& object, std::string_view key);
[[nodiscard]] const std::string* find_string(const json& object, std::string_view key);
[[nodiscard]] const json* find_object(const json& object, std::string_view key);
[[nodiscard]] const json* find_array(const json& object, std::string_view key);
[[nodiscard]] std::optional<bool> find_bool(const json& object, std::string_view key);
/// Integers only: neither 1.0 nor a number above the largest `int64_t` is found.
[[nodiscard]] std::optional<std::int64_t> find_int(const json& object, std::string_view key);
/// Any number, as a double.
[[nodiscard]] std::optional<double> find_number(const json& object, std::string_view key);

}  // namespace beamline
