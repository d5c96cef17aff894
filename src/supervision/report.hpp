#pragma once

#include "base/json_fwd.hpp"
#include "base/log_options.hpp"
#include "supervision/supervisor_spec.hpp"

#include <string>
#include <vector>

namespace beamline::supervision {

/// What supervisors say about what they do (S180-S185). A report is one structured telemetry event and one line of log;
/// publishing it never blocks the supervisor.
struct report {
  enum class kind : std::uint8_t {
    child_terminated,  // A child ended by itself in a way that is reported (S40).
    start_error,       // A start at init, or a restart, failed.
    shutdown_error,    // A child did not end as it should when it was stopped (S71).
    shutdown,       // The supervisor gives up (`reached_max_restart_intensity`, `zombies_max`) or shuts down on its own
                    // (S80).
    progress,       // A child was started: at init, by a restart, or through the API (then only at level debug).
    zombie,         // A killed child stays busy and was left behind.
    zombie_reaped,  // ... and has returned at last.
  };

  kind what = kind::progress;
  pid supervisor{};
  std::string supervisor_label{};
  reason why{};  // `shutdown` reports: text names the limit.

  // The offender. For `shutdown` the child that was one too many.
  std::string id{};
  pid child{};  // Its last pid; empty when it never had one.
  std::string child_kind{};
  bool is_restarting = false;  // A start_error of a retry (S64).
  restart_type restart = restart_type::permanent;
  child_type type = child_type::worker;
  bool significant = false;
  shutdown_policy shutdown = duration{};
  std::uint32_t incarnation = 0;
  std::size_t children = 1;  // Of dynamic supervisors: how many are reported in one (S99).

  // Beyond OTP (S185).
  supervision::strategy strategy = strategy::one_for_one;
  std::size_t restarts_in_period = 0;
  int intensity = 0;
  std::vector<std::string> affected{};  // Siblings that are restarted, too; at most affected_max, then "...".
  duration lived{};                     // How long this incarnation had run.
  duration took{};                      // The start, or the stop.
  std::string last_message{};           // Type of what it handled last, or is stuck with.
  duration handling_for{};              // Zombies: how long it has been in its handler.
  bool is_api_start = false;

  static constexpr std::size_t affected_max = 16;
};
[[nodiscard]] std::string_view to_string(report::kind k) noexcept;

/// `error` for what went wrong; `info` for progress, reaped zombies and supervisors that shut down as they should;
/// `debug` for children started through the API (S181).
[[nodiscard]] log_level level_of(const report& r) noexcept;

/// One line of at most `report_text_max` octets; the longest parts are cut first.
///   child_terminated: "counter" <5.1> of "pipeline" <4.1>: crashed: boom (permanent worker app::counter, life 3, ...)
[[nodiscard]] std::string to_string(const report& r);
inline constexpr std::size_t report_text_max = 1024;

/// How much of a report is written.
struct report_format {
  std::size_t octets_max = 4096;  // Parts are cut, and then lines left out from the end, to stay within.
  bool is_single_line = false;    // As `to_string`, with this limit.
};
/// For people: what happened, and a line for each fact.
[[nodiscard]] std::string format_report(const report& r, const report_format& f = {});

/// For programs; `docs/operating/inspecting.md` lists the members.
[[nodiscard]] json to_json(const report& r);

/// Whether anybody would see such a report: to skip gathering what it needs.
[[nodiscard]] bool is_wanted(environment& env, report::kind what, bool is_api_start = false);

/// Redacts it (actors/report_redaction.hpp), emits the event `supervision.report` and writes a line of the log, at the
/// level that fits (S181, S184). The line's message is the kind; what varies is in its fields.
void publish(environment& env, const report& r);

}  // namespace beamline::supervision
