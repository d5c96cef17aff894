#pragma once

#include "base/config/diff.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "program/reload_report.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::program {

/// What a listener is told: OTP's `config_change(Changed, New, Removed)` for the keys it asked for.
struct config_change {
  std::vector<config::change> changed;
  std::vector<config::change> added;
  std::vector<config::change> removed;
  /// The new values of these keys beside those that stay in effect.
  config::loaded now;
};

/// Takes over a changed configuration while the node runs.
///
///   reload ──▶ read all sources again ──▶ any problem? ──yes──▶ report, nothing is applied
///                                             │ no
///                                             ▼
///              compare with what is in effect ──▶ reloadable, and somebody listens ──▶ listeners ──▶ applied | failed
///                                             └─▶ everything else ───────────────────▶ needs a restart
///
/// A key can be reloaded if it is declared `config::reloadable` and somebody said here how; so nothing is called
/// applied that nobody applied. What needs a restart is reported again by every reload until the restart.
///
/// Thread-safe. Reloads are done one after another, on the threads that ask for them.
class reloader {
public:
  /// Sets up the new values. Short, does not block and does not call `reload`. An error (or exception) means that the
  /// old values stay in use, and says why.
  using listener = std::function<result<void>(const config_change&)>;

  /// `from` is what the node was started with, `start` what that gave; they and `all` must belong together. `all` and
  /// `log` must outlive the reloader.
  reloader(const config::schema& all, config::sources from, config::loaded start, logger& log);
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;

  /// Calls `apply` when keys of a section ("log") or one key ("log.level") change; only reloadable keys count, others
  /// of the section need a restart. Listeners are called in the order in which they came. Throws std::logic_error if
  /// the schema has no reloadable key there.
  void on_change(std::string section_or_key, listener apply);
  /// The key is read from `in_effect` each time it is used: nobody needs to be told.
  void read_when_used(std::string key);

  /// Reads, checks, compares, applies; logs the outcome. `because` is what the log says: "SIGHUP". Blocks.
  reload_report reload(std::string_view because);

  /// The values in effect: those of the start, with what reloads have applied.
  [[nodiscard]] config::loaded in_effect() const;

private:
  struct registration {
    std::string prefix;
    listener apply;
  };

  [[nodiscard]] std::vector<registration> registrations() const;
  reload_report apply(const config::loaded& fresh);
  void write_log(const reload_report& report, std::string_view because);

  const config::schema& schema_;
  const config::sources sources_;
  logger& log_;
  std::mutex one_at_a_time_;  // Held over a whole reload.
  mutable std::mutex mutex_;  // Guards the rest.
  config::loaded in_effect_;
  std::vector<registration> listeners_;
};

/// Lets `log.level` and `log.areas` take effect. `log` must outlive the reloader.
void reload_log_levels(reloader& reloads, config::handle<log_options> section, logger& log);

}  // namespace beamline::program
