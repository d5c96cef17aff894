#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// A configuration file as read, before anything is known about its keys.
namespace beamline::config {

// A configuration file is written by people; anything bigger is some other file.
inline constexpr std::size_t file_bytes_max = 1024 * 1024;
// Bounds the length of dotted keys and with it the depth of what the parser builds.
inline constexpr std::size_t line_bytes_max = 8 * 1024;
// Tables and lists nested deeper than this are refused.
inline constexpr int depth_max = 16;

/// A place in a file, from 1. Columns count characters.
struct position {
  int line = 0;
  int column = 0;
};

struct node;

/// One `key = value` or `[key]`; `at` is where the key stands.
struct member;

struct table {
  std::vector<member> members;  // In order of position.
};

struct list {
  std::vector<node> items;
};

/// A date or a time: TOML has them, configuration does not use them.
struct date {};

struct node {
  position at;
  std::variant<bool, std::int64_t, double, std::string, date, list, table> data;
};

struct member {
  std::string key;
  position at;
  node value;
};

/// Reads a whole file. Errors name the file and the remedy: missing, a directory, not a regular file,
/// not readable, larger than `file_bytes_max`.
[[nodiscard]] result<std::string> read_file(const std::filesystem::path& file);

/// Parses TOML. `name` is what errors call the text: `config/dev.toml:3:9: …`.
[[nodiscard]] result<node> parse(std::string_view name, std::string_view text);

}  // namespace beamline::config
