#pragma once

#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::config {

/// A number of bytes, written `"512B"`, `"256KiB"`, `"16MiB"` or `"2GiB"` in configuration.
struct byte_size {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const byte_size&, const byte_size&) = default;
};

inline namespace literals {
constexpr byte_size operator""_B(unsigned long long n) { return {n}; }
constexpr byte_size operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr byte_size operator""_MiB(unsigned long long n) { return {n << 20}; }
constexpr byte_size operator""_GiB(unsigned long long n) { return {n << 30}; }
}  // namespace literals

using text_list = std::vector<std::string>;
using text_map = std::map<std::string, std::string>;

/// What a key can hold, whatever the field's C++ type is: enums and paths travel as text.
using value = std::variant<bool, std::int64_t, double, std::string, duration, byte_size, text_list, text_map>;

enum class kind { boolean, integer, number, text, path, duration, bytes, list, map, tables };

/// The kind in words for the table of keys: "whole number", "list of text".
[[nodiscard]] std::string_view describe(kind k);

/// Reads "250ms", "90s", "1h30m": whole numbers with units d, h, m, s, ms, us, ns, larger units first.
[[nodiscard]] std::optional<duration> parse_duration(std::string_view text);
/// The shortest exact spelling in one unit: 90 s is "90s", 3600 s is "1h".
[[nodiscard]] std::string format(duration d);

/// Reads a whole number followed by B, KiB, MiB or GiB.
[[nodiscard]] std::optional<byte_size> parse_byte_size(std::string_view text);
/// The shortest exact spelling in one unit.
[[nodiscard]] std::string format(byte_size size);

/// A TOML basic string with everything escaped that could disturb a terminal or a log line.
[[nodiscard]] std::string quote(std::string_view text);

/// The value as it would be written in a TOML file.
[[nodiscard]] std::string to_toml(const value& v);

}  // namespace beamline::config
