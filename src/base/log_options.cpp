#include "base/log_options.hpp"

#include "base/config/section.hpp"

namespace beamline {

namespace {

const config::names<log_level>& level_names() {
  static const config::names<log_level> all{
      {log_level::trace, "trace"}, {log_level::debug, "debug"}, {log_level::info, "info"},
      {log_level::warn, "warn"},   {log_level::error, "error"}, {log_level::critical, "critical"},
      {log_level::off, "off"},
  };
  return all;
}

}  // namespace

std::string_view to_string(log_level level) {
  for (const auto& [l, word] : level_names().all)
    if (l == level)
      return word;
  return "unknown";
}

config::section<log_options> log_section() {
  using namespace config::literals;
  const config::names<log_format> formats{{log_format::text, "text"}, {log_format::json_lines, "json"}};
  const config::names<log_colour> colours{
      {log_colour::automatic, "auto"}, {log_colour::always, "always"}, {log_colour::never, "never"}};
  return config::section<log_options>{"log", "what is logged, how and where to"}
      .key("level", &log_options::level, "Lines below this level are not written.", level_names(),
           config::env{"BEAMLINE_LOG_LEVEL"}, config::reloadable{})
      .key("areas", &log_options::areas, "Levels of single areas, as in `web = \"debug\"`; they win over `level`.",
           level_names(), config::items{0, 64}, config::env{"BEAMLINE_LOG_AREAS"}, config::reloadable{})
      .key("format", &log_options::format, "Lines for people (text) or one JSON object per line (json).", formats,
           config::env{"BEAMLINE_LOG_FORMAT"})
      .key("console", &log_options::console, "Whether lines go to the standard error stream.")
      .key("colour", &log_options::colour, "Colours on the console; auto means: if it is a terminal.", colours)
      .key("file", &log_options::file, "File that lines are appended to as well. Empty: none.")
      .key("file_size_max", &log_options::file_size_max, "The file is set aside and begun anew at this size.",
           config::range{64_KiB, 1_GiB})
      .key("files_max", &log_options::files_max, "Old files kept; the oldest is deleted.", config::range{1, 100})
      .key("memory_lines", &log_options::memory_lines, "Newest lines kept in memory for the observatory.",
           config::range{0, 10'000});
}

}  // namespace beamline
