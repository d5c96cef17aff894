#include "supervision/supervisor_spec.hpp"

#include "base/telemetry_value.hpp"

#include <unordered_set>

namespace beamline::supervision {

namespace {

error wrong(std::string_view field, const std::string& value, std::string_view expected, std::string_view term) {
  return {errc::invalid, "supervisor_data: " + std::string{field} + " is " + value + ", expected "
                             + std::string{expected} + " (" + std::string{term} + ")"};
}

result<void> check_backoff(const backoff& b) {
  if (b.first < duration::zero())
    return wrong("backoff.first", to_text(b.first), "0 (off) or more", "invalid_backoff");
  if (b.is_on() && b.max < b.first)
    return wrong("backoff.max", to_text(b.max), "at least backoff.first, " + to_text(b.first), "invalid_backoff");
  if (!(b.jitter >= 0.0 && b.jitter <= 1.0))
    return wrong("backoff.jitter", std::to_string(b.jitter), "a share from 0 to 1", "invalid_backoff");
  return {};
}

}  // namespace

std::string_view to_string(strategy s) noexcept {
  switch (s) {
    case strategy::one_for_one: return "one_for_one";
    case strategy::one_for_all: return "one_for_all";
    case strategy::rest_for_one: return "rest_for_one";
  }
  return "unknown";
}

result<void> check_flags(const supervisor_flags& f) {
  if (f.strategy > strategy::rest_for_one)
    return wrong("strategy", std::to_string(static_cast<int>(f.strategy)), "one_for_one, one_for_all or rest_for_one",
                 "invalid_strategy");
  if (f.intensity < 0 || f.intensity > intensity_max)
    return wrong("intensity", std::to_string(f.intensity), "0 to " + std::to_string(intensity_max),
                 "invalid_intensity");
  if (f.period < std::chrono::seconds{1} || f.period > period_max
      || f.period % std::chrono::seconds{1} != duration::zero())
    return wrong("period", to_text(f.period), "whole seconds from 1 to " + to_text(period_max), "invalid_period");
  if (f.auto_shutdown > auto_shutdown::all_significant)
    return wrong("auto_shutdown", std::to_string(static_cast<int>(f.auto_shutdown)),
                 "never, any_significant or all_significant", "invalid_auto_shutdown");
  return check_backoff(f.backoff);
}

result<void> check_spec(const supervisor_spec& s) {
  if (auto ok = check_flags(s.flags); !ok)
    return ok;
  std::unordered_set<std::string_view> ids;
  for (const auto& c : s.children) {
    if (auto ok = check_child_spec(c, s.flags.auto_shutdown); !ok)
      return ok.error().in("start_spec");
    if (!ids.insert(c.id).second)
      return error{errc::invalid, "start_spec: two children have the id \"" + c.id
                                      + "\"; ids are unique within a supervisor (duplicate_child_name)"};
  }
  return {};
}

}  // namespace beamline::supervision
