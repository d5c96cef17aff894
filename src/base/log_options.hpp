#pragma once

#include "base/config/fwd.hpp"
#include "base/config/value.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace beamline {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, critical, off };

/// Lines for people, or one JSON object per line for machines.
enum class log_format { text, json_lines };

/// Whether text on the console is coloured; `automatic` means: if it is a terminal.
enum class log_colour { automatic, always, never };

[[nodiscard]] std::string_view to_string(log_level level);

/// `[log]`: what is logged, how and where to.
struct log_options {
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::map<std::string, log_level> areas;  // Levels of single areas, such as {"web", debug}.
  bool console = true;                     // To the standard error stream.
  log_colour colour = log_colour::automatic;
  std::filesystem::path file;  // Empty: no file.
  config::byte_size file_size_max{16 << 20};
  std::uint32_t files_max = 5;       // Old files kept beside the current one.
  std::uint32_t memory_lines = 200;  // The newest lines, kept for the observatory and for tests.
};

[[nodiscard]] config::section<log_options> log_section();

}  // namespace beamline
