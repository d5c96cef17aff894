#include "supervision/report.hpp"

#include "actors/process_text.hpp"
#include "actors/report_redaction.hpp"
#include "base/log.hpp"
#include "supervision/events.hpp"

#include <algorithm>
#include <span>

namespace beamline::supervision {

namespace {

// No part of a line is cut below this.
constexpr std::size_t part_least = 24;

std::string pid_text(const pid& p) { return p ? short_text(p.id()) : std::string{"(no process)"}; }

std::string budget(const report& r) {
  return grouped(r.restarts_in_period) + "/" + grouped(static_cast<std::uint64_t>(std::max(r.intensity, 0)));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts)
    out.append(out.empty() ? "" : ", ").append(p);
  return out;
}

std::string others(const report& r) { return r.children > 1 ? " and " + grouped(r.children - 1) + " more" : ""; }

std::string handling_text(const report& r, const std::string& last_message) {
  if (last_message.empty())
    return {};
  if (r.handling_for > duration::zero())
    return "in " + last_message + " for " + span_text(r.handling_for);
  return "last handled " + last_message;
}

std::string one_line(const report& r, std::size_t octets_max) {
  auto why = r.what == report::kind::progress ? std::string{} : to_string(r.why);
  return fit_line({r.id, r.supervisor_label, why, r.child_kind, r.last_message, joined(r.affected)}, octets_max,
                  part_least, [&](const std::vector<std::string>& p) {
                    auto out = std::string{to_string(r.what)} + (r.is_restarting ? " (retry)" : "");
                    out += ": \"" + p[0] + "\" " + pid_text(r.child) + others(r);
                    out += " of \"" + p[1] + "\" " + pid_text(r.supervisor);
                    if (!p[2].empty())
                      out += ": " + p[2];
                    out += " (" + std::string{to_string(r.restart)} + " " + std::string{to_string(r.type)};
                    if (r.significant)
                      out += ", significant";
                    if (!p[3].empty())
                      out += ", " + p[3];
                    out += ", life " + std::to_string(r.incarnation);
                    if (r.lived > duration::zero())
                      out += ", lived " + span_text(r.lived);
                    if (auto handling = handling_text(r, p[4]); !handling.empty())
                      out += ", " + handling;
                    if (r.took > duration::zero())
                      out += ", took " + span_text(r.took);
                    out += "; " + std::string{to_string(r.strategy)} + ", restarts " + budget(r) + ")";
                    return p[5].empty() ? out : out + ", with " + p[5];
                  });
}

std::string_view headline(report::kind k) noexcept {
  switch (k) {
    case report::kind::child_terminated: return "a child has ended";
    case report::kind::start_error: return "a child did not start";
    case report::kind::shutdown_error: return "a child did not end as it should";
    case report::kind::shutdown: return "the supervisor shuts down";
    case report::kind::progress: return "a child has started";
    case report::kind::zombie: return "a killed child stays busy and is left behind";
    case report::kind::zombie_reaped: return "a zombie has returned and is gone";
  }
  return "unknown";
}

/// As far as somebody wants them hidden, the texts of foreign origin.
report redacted(const report& r, const report_redaction& by) {
  auto hidden = r;
  hidden.why.text = redacted_text(&by, "reason", std::move(hidden.why.text));
  hidden.id = redacted_text(&by, "id", std::move(hidden.id));
  hidden.supervisor_label = redacted_text(&by, "label", std::move(hidden.supervisor_label));
  for (auto& id : hidden.affected)
    id = redacted_text(&by, "id", std::move(id));
  return hidden;
}

void do_publish(environment& env, const report& r) {
  auto why = to_string(r.why);
  if (env.events().wants<supervisor_reported>())
    env.events().emit(supervisor_reported{.full = r, .reason = why});
  auto level = level_of(r);
  if (!env.log().enabled(level, "supervision"))
    return;
  const auto pid = pid_text(r.child), restarts = budget(r), with = joined(r.affected);
  std::vector<log_field> fields{{"supervisor", r.supervisor_label}, {"child", r.id}, {"pid", pid}};
  auto is_progress = r.what == report::kind::progress;
  auto add = [&](std::string_view key, bool is_worth_it, const log_value& value) {
    if (is_worth_it)
      fields.push_back({key, value});
  };
  add("why", !is_progress, why);
  add("children", r.children != 1, r.children);
  add("retry", r.is_restarting, r.is_restarting);
  add("kind", !r.child_kind.empty(), r.child_kind);
  add("restart", !is_progress, to_string(r.restart));
  add("life", true, r.incarnation);
  add("lived", r.lived > duration::zero(), r.lived);
  add("took", r.took > duration::zero(), r.took);
  add("last_message", !r.last_message.empty(), r.last_message);
  add("handling_for", r.handling_for > duration::zero(), r.handling_for);
  add("strategy", !is_progress, to_string(r.strategy));
  add("restarts", !is_progress, restarts);
  add("with", !with.empty(), with);
  env.log().write(level, "supervision", to_string(r.what), std::span<const log_field>{fields});
}

}  // namespace

std::string_view to_string(report::kind k) noexcept {
  switch (k) {
    case report::kind::child_terminated: return "child_terminated";
    case report::kind::start_error: return "start_error";
    case report::kind::shutdown_error: return "shutdown_error";
    case report::kind::shutdown: return "shutdown";
    case report::kind::progress: return "progress";
    case report::kind::zombie: return "zombie";
    case report::kind::zombie_reaped: return "zombie_reaped";
  }
  return "unknown";
}

log_level level_of(const report& r) noexcept {
  switch (r.what) {
    case report::kind::progress: return r.is_api_start ? log_level::debug : log_level::info;
    case report::kind::zombie_reaped: return log_level::info;
    case report::kind::shutdown: return r.why.is_graceful() ? log_level::info : log_level::error;
    default: return log_level::error;
  }
}

std::string to_string(const report& r) { return one_line(r, report_text_max); }

std::string format_report(const report& r, const report_format& f) {
  if (f.is_single_line)
    return one_line(r, f.octets_max);
  auto part_max = std::max(f.octets_max / 4, part_least);
  auto out = printable(std::string{to_string(r.what)} + ": " + std::string{headline(r.what)}, f.octets_max) + "\n";
  auto is_full = false;
  auto line = [&](std::string_view what, const std::string& text) {
    if (text.empty() || is_full)
      return;
    auto one = "  " + std::string{what} + std::string(13 - what.size(), ' ') + printable(text, part_max) + "\n";
    is_full = out.size() + one.size() > f.octets_max;
    if (!is_full)
      out += one;
  };
  line("supervisor", "\"" + r.supervisor_label + "\" " + pid_text(r.supervisor) + ", "
                         + std::string{to_string(r.strategy)} + ", restarts " + budget(r));
  if (r.what != report::kind::progress)
    line("reason", to_string(r.why));
  line("child", "\"" + r.id + "\" " + pid_text(r.child) + others(r) + (r.is_restarting ? ", being restarted" : ""));
  line("class", r.child_kind);
  line("spec", std::string{to_string(r.restart)} + " " + std::string{to_string(r.type)}
                   + (r.significant ? ", significant" : "") + ", shutdown " + to_string(r.shutdown));
  line("life", std::to_string(r.incarnation) + (r.lived > duration::zero() ? ", lived " + span_text(r.lived) : ""));
  line("message", handling_text(r, r.last_message));
  line("took", r.took > duration::zero() ? span_text(r.took) : "");
  line("with", joined(r.affected));
  return out;
}

bool is_wanted(environment& env, report::kind what, bool is_api_start) {
  report probe;
  probe.what = what;
  probe.is_api_start = is_api_start;
  return env.events().wants<supervisor_reported>() || env.log().enabled(level_of(probe), "supervision");
}

void publish(environment& env, const report& r) {
  if (const auto* by = find_redaction(env))
    do_publish(env, redacted(r, *by));
  else
    do_publish(env, r);
}

}  // namespace beamline::supervision
