#pragma once

#include "base/log_field.hpp"
#include "base/log_options.hpp"
#include "base/time.hpp"

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

/// Lets a repeated message through once per interval and counts what it held back. Thread-safe; belongs
/// to the place that logs, one per kind of message.
class once_per {
public:
  explicit once_per(duration interval) : interval_{interval} {}

  /// How many were held back since the last one that passed, if this one may pass; otherwise nothing.
  [[nodiscard]] std::optional<std::uint64_t> pass(time_point now);

private:
  duration interval_;
  std::atomic<std::int64_t> next_{std::numeric_limits<std::int64_t>::min()};
  std::atomic<std::uint64_t> held_back_{0};
};

/// The log of one node: made by main, handed on by reference. Thread-safe; lines of different threads
/// never mix, and each line reaches every sink in the same order.
///
///     log.info("web", "listening", {{"port", 4000}, {"bind", address}});
///
/// The message is a short constant; what varies goes into fields, so that lines can be searched and
/// counted. Secrets are redacted and control characters escaped (see base/log_format.hpp). Logging never
/// fails for the caller: a line that a sink could not take (a full disk) is counted in `lost`. A call
/// below every level costs one relaxed load.
class logger {
public:
  /// The sinks the options ask for. Fails with `io` if the file cannot be opened. `time` must outlive the
  /// logger; `node` is written into JSON lines.
  [[nodiscard]] static result<std::unique_ptr<logger>> open(const log_options& options, const clock& time,
                                                            std::string node = {});

  /// Text lines into memory only: for tests. Keeps the newest `lines_max`.
  [[nodiscard]] static std::unique_ptr<logger> in_memory(const clock& time, log_level level = log_level::trace,
                                                         std::size_t lines_max = 1000);

  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  using fields = std::initializer_list<log_field>;

  void trace(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::trace, area, message, f);
  }
  void debug(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::debug, area, message, f);
  }
  void info(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::info, area, message, f);
  }
  void warn(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::warn, area, message, f);
  }
  void error(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::error, area, message, f);
  }
  void critical(std::string_view area, std::string_view message, fields f = {}) {
    write(log_level::critical, area, message, f);
  }

  void write(log_level level, std::string_view area, std::string_view message, fields f = {}) {
    write(level, area, message, std::span{f.begin(), f.size()});
  }
  void write(log_level level, std::string_view area, std::string_view message, std::span<const log_field> f) {
    if (level >= floor_.load(std::memory_order_relaxed))
      do_write(level, area, message, f);
  }

  /// As `write`, but at most once per the limit's interval; the line that passes says how many were
  /// held back (`held_back=12`).
  void write(once_per& limit, log_level level, std::string_view area, std::string_view message, fields f = {});

  /// Whether a line would be written: to skip the work of gathering its fields.
  [[nodiscard]] bool enabled(log_level level, std::string_view area) const {
    return level >= floor_.load(std::memory_order_relaxed) && level >= this->level(area);
  }

  /// The level of an area: its own, or that of the whole log.
  [[nodiscard]] log_level level(std::string_view area) const;
  void set_level(log_level level);
  void set_level(std::string_view area, log_level level);
  /// The levels of `[log]` and no others: an area that is not in `areas` follows `level` again.
  void set_levels(log_level level, const std::map<std::string, log_level>& areas);

  /// The newest lines, oldest first, formatted as configured and without colours.
  [[nodiscard]] std::vector<std::string> recent() const;
  /// Lines that some sink could not take.
  [[nodiscard]] std::uint64_t lost() const;
  /// Hands everything buffered to the operating system.
  void flush();

private:
  struct state;
  logger(std::unique_ptr<state> s);
  void do_write(log_level level, std::string_view area, std::string_view message, std::span<const log_field> f);
  void update_floor();

  std::atomic<log_level> floor_{log_level::trace};  // The lowest level of any area.
  std::unique_ptr<state> state_;
};

}  // namespace beamline
