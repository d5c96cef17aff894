#pragma once

#include "base/log_field.hpp"
#include "base/log_options.hpp"

#include <cstddef>
#include <span>

/// How a log line is written. Whatever the fields hold, a line stays one line, of bounded length, and
/// cannot move a terminal's cursor.
namespace beamline {

// Longer text is cut, and the line says by how much.
inline constexpr std::size_t log_value_bytes_max = 1024;
inline constexpr std::size_t log_message_bytes_max = 512;
inline constexpr std::size_t log_word_bytes_max = 64;  // Areas and keys.
// Further fields are left out, and the line says how many.
inline constexpr std::size_t log_fields_max = 32;

struct log_record {
  wall_time time;
  log_level level;
  std::string_view area;
  std::string_view message;
  std::string_view node;  // Only in JSON, where lines of several nodes are collected.
  std::span<const log_field> fields;
};

/// `2023-11-14T22:13:20.000Z info  web          listening port=4000 bind=127.0.0.1`, without a newline.
[[nodiscard]] std::string format_text(const log_record& r, bool is_coloured);

/// One JSON object without a newline. Time, level, area, message and node come first; a field of such a
/// name is written `field.<name>`. Durations are numbers of milliseconds under `<key>_ms`.
[[nodiscard]] std::string format_json(const log_record& r);

}  // namespace beamline
