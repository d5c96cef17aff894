#include "base/log.hpp"

#include "base/log_format.hpp"

#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace beamline {

namespace {

// From this level on a line is handed to the operating system at once; below, when the buffer is full.
constexpr log_level flush_level = log_level::info;

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    default: return spdlog::level::critical;
  }
}

/// Lines are formatted here already; spdlog adds the newline.
std::unique_ptr<spdlog::formatter> line_as_is() { return std::make_unique<spdlog::pattern_formatter>("%v"); }

bool wants_colour(const log_options& options) {
  if (options.format == log_format::json_lines || options.colour == log_colour::never)
    return false;
  return options.colour == log_colour::always || spdlog::details::os::in_terminal(stderr);
}

}  // namespace

std::optional<std::uint64_t> once_per::pass(time_point now) {
  auto ticks = now.time_since_epoch().count();
  auto next = next_.load(std::memory_order_relaxed);
  // Of several threads at the same moment, the one that moves `next_` passes.
  if (ticks < next || !next_.compare_exchange_strong(next, ticks + interval_.count(), std::memory_order_relaxed)) {
    held_back_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return held_back_.exchange(0, std::memory_order_relaxed);
}

struct logger::state {
  state(const clock& t, const log_options& o, std::string n)
      : time{t}, format{o.format}, node{std::move(n)}, level{o.level}, areas{o.areas.begin(), o.areas.end()} {}

  /// Gives the line to a sink. Called under `writing`.
  void put(spdlog::sinks::sink& sink, log_level of, const std::string& line) {
    try {
      // The time is in the line already; spdlog must not read a clock of its own.
      sink.log({spdlog::log_clock::time_point{}, {}, {}, to_spdlog(of), line});
      if (of >= flush_level)
        sink.flush();
    } catch (const spdlog::spdlog_ex&) {
      lost.fetch_add(1, std::memory_order_relaxed);
    }
  }

  const clock& time;
  const log_format format;
  const std::string node;

  mutable std::shared_mutex levels;  // Guards the next two.
  log_level level;
  std::map<std::string, log_level, std::less<>> areas;

  mutable std::mutex writing;  // Guards the sinks, which are spdlog's single-threaded ones.
  std::unique_ptr<spdlog::sinks::sink> console;
  bool is_coloured = false;
  std::unique_ptr<spdlog::sinks::sink> file;
  std::unique_ptr<spdlog::sinks::ringbuffer_sink_st> memory;

  std::atomic<std::uint64_t> lost{0};
};

logger::logger(std::unique_ptr<state> s) : state_{std::move(s)} { update_floor(); }

logger::~logger() { flush(); }

result<std::unique_ptr<logger>> logger::open(const log_options& options, const clock& time, std::string node) {
  auto s = std::make_unique<state>(time, options, std::move(node));
  if (options.console) {
    s->console = std::make_unique<spdlog::sinks::stderr_sink_st>();
    s->console->set_formatter(line_as_is());
    s->is_coloured = wants_colour(options);
  }
  if (options.memory_lines > 0)
    s->memory = std::make_unique<spdlog::sinks::ringbuffer_sink_st>(options.memory_lines);
  if (!options.file.empty()) {
    try {
      s->file = std::make_unique<spdlog::sinks::rotating_file_sink_st>(options.file.string(),
                                                                       options.file_size_max.bytes, options.files_max);
    } catch (const spdlog::spdlog_ex& e) {
      return beamline::error{errc::io,
                             "log.file cannot be opened: " + std::string{e.what()}
                                 + "; create its directory, give the right to write, or leave log.file empty"};
    }
    s->file->set_formatter(line_as_is());
  }
  return std::unique_ptr<logger>{new logger{std::move(s)}};
}

std::unique_ptr<logger> logger::in_memory(const clock& time, log_level level, std::size_t lines_max) {
  log_options options;
  options.level = level;
  auto s = std::make_unique<state>(time, options, "");
  s->memory = std::make_unique<spdlog::sinks::ringbuffer_sink_st>(std::max<std::size_t>(1, lines_max));
  return std::unique_ptr<logger>{new logger{std::move(s)}};
}

void logger::do_write(log_level level, std::string_view area, std::string_view message, std::span<const log_field> f) {
  if (level >= log_level::off || level < this->level(area))
    return;
  auto& s = *state_;
  std::lock_guard lock{s.writing};
  // Read under the lock, so that times never run backwards in the log.
  log_record record{s.time.wall_now(), level, area, message, s.node, f};
  auto line = s.format == log_format::json_lines ? format_json(record) : format_text(record, false);
  if (s.console)
    s.put(*s.console, level, s.is_coloured ? format_text(record, true) : line);
  if (s.file)
    s.put(*s.file, level, line);
  if (s.memory)
    s.put(*s.memory, level, line);
}

void logger::write(once_per& limit, log_level level, std::string_view area, std::string_view message, fields f) {
  if (!enabled(level, area))
    return;
  auto held_back = limit.pass(state_->time.now());
  if (!held_back)
    return;
  std::vector<log_field> all{f};
  if (*held_back > 0)
    all.push_back({"held_back", *held_back});
  write(level, area, message, std::span<const log_field>{all});
}

log_level logger::level(std::string_view area) const {
  std::shared_lock lock{state_->levels};
  auto found = state_->areas.find(area);
  return found == state_->areas.end() ? state_->level : found->second;
}

void logger::set_level(log_level level) {
  {
    std::unique_lock lock{state_->levels};
    state_->level = level;
  }
  update_floor();
}

void logger::set_level(std::string_view area, log_level level) {
  {
    std::unique_lock lock{state_->levels};
    state_->areas.insert_or_assign(std::string{area}, level);
  }
  update_floor();
}

void logger::set_levels(log_level level, const std::map<std::string, log_level>& areas) {
  {
    std::unique_lock lock{state_->levels};
    state_->level = level;
    state_->areas = {areas.begin(), areas.end()};
  }
  update_floor();
}

void logger::update_floor() {
  std::unique_lock lock{state_->levels};
  auto lowest = state_->level;
  for (const auto& [area, level] : state_->areas)
    lowest = std::min(lowest, level);
  floor_.store(lowest, std::memory_order_relaxed);
}

std::vector<std::string> logger::recent() const {
  std::vector<std::string> lines;
  std::lock_guard lock{state_->writing};
  if (state_->memory)
    for (const auto& one : state_->memory->last_raw())
      lines.emplace_back(one.payload.data(), one.payload.size());
  return lines;
}

std::uint64_t logger::lost() const { return state_->lost.load(std::memory_order_relaxed); }

void logger::flush() {
  std::lock_guard lock{state_->writing};
  for (auto* sink : {state_->console.get(), state_->file.get()}) {
    try {
      if (sink != nullptr)
        sink->flush();
    } catch (const spdlog::spdlog_ex&) {
      state_->lost.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

}  // namespace beamline
