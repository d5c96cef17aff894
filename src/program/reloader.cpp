#include "program/reloader.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace beamline::program {

namespace {

using state = reloaded_key::state;

bool covers(const std::string& prefix, const std::string& key) {
  return key == prefix || (key.size() > prefix.size() && key.starts_with(prefix) && key[prefix.size()] == '.');
}

bool has_reloadable(const config::schema& all, const std::string& prefix) {
  for (const auto& s : all.sections())
    for (const auto& k : s->keys)
      if (k.is_reloadable && covers(prefix, s->name + "." + k.name))
        return true;
  return false;
}

/// What is to be applied of `keys` below `prefix`, sorted as OTP does.
config_change select(const std::vector<reloaded_key>& keys, const std::string& prefix, const config::loaded& now) {
  config_change out{{}, {}, {}, now};
  for (const auto& k : keys) {
    if (k.then != state::applied || !covers(prefix, k.what.key))
      continue;
    switch (k.what.how) {
      case config::change::kind::changed: out.changed.push_back(k.what); break;
      case config::change::kind::added: out.added.push_back(k.what); break;
      case config::change::kind::removed: out.removed.push_back(k.what); break;
    }
  }
  return out;
}

result<void> call(const reloader::listener& apply, const config_change& change) {
  try {
    return apply(change);
  } catch (const std::exception& e) {
    return error{errc::unavailable, "the part that uses it failed: " + std::string{e.what()}};
  }
}

config::merged take_over(const config::loaded& old, const config::loaded& fresh,
                         const std::vector<reloaded_key>& keys) {
  std::set<std::string> taken;
  for (const auto& k : keys)
    if (k.then == state::applied)
      taken.insert(k.what.key);
  return config::merge(old, fresh, [&](const std::string& key) { return taken.contains(key); });
}

}  // namespace

reloader::reloader(const config::schema& all, config::sources from, config::loaded start, logger& log)
    : schema_{all}, sources_{std::move(from)}, log_{log}, in_effect_{std::move(start)} {
  if (!in_effect_.ok())
    throw std::logic_error{"reload: the configuration at the start has problems: " + in_effect_.problems().front()};
}

void reloader::on_change(std::string section_or_key, listener apply) {
  if (!has_reloadable(schema_, section_or_key))
    throw std::logic_error{"reload: " + section_or_key + " is no key or section that has anything reloadable"};
  std::lock_guard lock{mutex_};
  listeners_.push_back({std::move(section_or_key), std::move(apply)});
}

void reloader::read_when_used(std::string key) {
  on_change(std::move(key), [](const config_change&) { return result<void>{}; });
}

config::loaded reloader::in_effect() const {
  std::lock_guard lock{mutex_};
  return in_effect_;
}

std::vector<reloader::registration> reloader::registrations() const {
  std::lock_guard lock{mutex_};
  return listeners_;
}

reload_report reloader::reload(std::string_view because) {
  std::lock_guard lock{one_at_a_time_};
  auto fresh = schema_.load(sources_);
  auto report = fresh.ok() ? apply(fresh) : reload_report{fresh.problems(), fresh.warnings(), {}};
  write_log(report, because);
  return report;
}

reload_report reloader::apply(const config::loaded& fresh) {
  auto old = in_effect();
  auto listeners = registrations();
  reload_report report{{}, fresh.warnings(), {}};
  for (auto& change : config::diff(old, fresh)) {
    auto is_heard = std::ranges::any_of(listeners, [&](const auto& one) { return covers(one.prefix, change.key); });
    reloaded_key k{std::move(change), state::applied, {}};
    if (!k.what.is_reloadable || !is_heard) {
      k.then = state::needs_restart;
      if (k.what.is_reloadable)
        k.why = "nothing that runs on this node takes it over";
    }
    report.keys.push_back(std::move(k));
  }

  // A rule between keys may hold for all new values and yet not for new ones beside those that stay.
  auto next = take_over(old, fresh, report.keys);
  for (auto& k : report.keys)
    if (auto held = next.held_back.find(k.what.key.substr(0, k.what.key.rfind('.')));
        held != next.held_back.end() && k.then == state::applied) {
      k.then = state::needs_restart;
      k.why = "beside the values that stay, " + held->second;
    }

  for (const auto& one : listeners) {
    auto change = select(report.keys, one.prefix, next.values);
    if (change.changed.empty() && change.added.empty() && change.removed.empty())
      continue;
    auto done = call(one.apply, change);
    if (done)
      continue;
    for (auto& k : report.keys)
      if (k.then == state::applied && covers(one.prefix, k.what.key)) {
        k.then = state::failed;
        k.why = done.error().message;
      }
  }

  // Without what failed.
  next = take_over(old, fresh, report.keys);
  std::lock_guard lock{mutex_};
  in_effect_ = std::move(next.values);
  return report;
}

void reloader::write_log(const reload_report& report, std::string_view because) {
  for (const auto& w : report.warnings)
    log_.warn("config", "suspicious configuration", {{"what", w}});
  for (const auto& p : report.problems)
    log_.error("config", "problem in the configuration", {{"what", p}});
  for (const auto& k : report.keys) {
    auto level = k.then == state::applied ? log_level::info : log_level::warn;
    auto from = config::to_string(k.what.from);  // Fields only borrow.
    std::vector<log_field> fields{
        {"key", k.what.path}, {"before", k.what.before}, {"after", k.what.after}, {"from", from}};
    if (k.then != state::applied)
      fields.push_back({"in_effect", k.in_effect()});
    if (!k.why.empty())
      fields.push_back({"why", k.why});
    auto what = k.then == state::applied       ? "a key is applied"
              : k.then == state::needs_restart ? "a key needs a restart"
                                               : "a key could not be applied";
    log_.write(level, "config", what, fields);
  }
  log_.write(report.is_refused() ? log_level::error : log_level::info, "config",
             report.is_refused() ? "reload refused, nothing was changed" : "reloaded",
             {{"because", because},
              {"problems", report.problems.size()},
              {"applied", report.count(state::applied)},
              {"needs_restart", report.count(state::needs_restart)},
              {"failed", report.count(state::failed)}});
}

void reload_log_levels(reloader& reloads, config::handle<log_options> section, logger& log) {
  auto apply = [section, &log](const config_change& change) {
    const auto& o = change.now.get(section);
    log.set_levels(o.level, o.areas);
    return result<void>{};
  };
  reloads.on_change("log", apply);
}

}  // namespace beamline::program
