#include "supervision/child_spec.hpp"

#include "base/telemetry_value.hpp"

#include <utility>

namespace beamline::supervision {

namespace {

error wrong(const child_spec& s, std::string_view field, const std::string& value, std::string_view expected,
            std::string_view term) {
  return {errc::invalid, "child \"" + s.id + "\": " + std::string{field} + " is " + value + ", expected "
                             + std::string{expected} + " (" + std::string{term} + ")"};
}

/// The value of an enum that was cast from something else.
template <class E>
std::string number(E e) {
  return std::to_string(static_cast<int>(e));
}

result<void> check_significance(const child_spec& s, std::optional<auto_shutdown> mode) {
  if (!s.significant)
    return {};
  if (mode == auto_shutdown::never)
    return error{errc::invalid,
                 "child \"" + s.id
                     + "\": significant children need a supervisor with auto_shutdown any_significant or "
                       "all_significant; this one has never (bad_combination)"};
  if (s.restart == restart_type::permanent)
    return error{errc::invalid, "child \"" + s.id
                                    + "\": a permanent child never ends for good, so it cannot be significant; make it "
                                      "transient or temporary (bad_combination)"};
  return {};
}

result<void> check_durations(const child_spec& s) {
  if (s.shutdown && !s.shutdown->is_brutal_kill() && s.shutdown->limit() < duration::zero())
    return wrong(s, "shutdown", to_text(s.shutdown->limit()), "0 or more, infinity or brutal_kill", "invalid_shutdown");
  if (s.start_timeout <= duration::zero())
    return wrong(s, "start_timeout", to_text(s.start_timeout), "more than 0", "invalid_start_timeout");
  if (s.kill_grace < duration::zero())
    return wrong(s, "kill_grace", to_text(s.kill_grace), "0 or more", "invalid_kill_grace");
  return {};
}

}  // namespace

std::string to_string(const shutdown_policy& p) {
  if (p.is_infinity())
    return "infinity";
  if (p.is_brutal_kill())
    return "brutal_kill";
  if (p.limit() % std::chrono::milliseconds{1} == duration::zero())
    return std::to_string(to_ms(p.limit())) + "ms";
  return to_text(p.limit());
}

child_spec child_spec::with(overrides o) const& { return child_spec{*this}.with(std::move(o)); }

child_spec child_spec::with(overrides o) && {
  auto take = [](auto& mine, auto& other) {
    if (other)
      mine = *std::move(other);
  };
  take(id, o.id);
  take(restart, o.restart);
  take(significant, o.significant);
  take(shutdown, o.shutdown);
  take(type, o.type);
  take(name, o.name);
  take(park_max, o.park_max);
  take(start_timeout, o.start_timeout);
  take(kill_grace, o.kill_grace);
  take(zombie, o.zombie);
  take(has_own_thread, o.has_own_thread);
  return std::move(*this);
}

result<void> check_child_spec(const child_spec& s, std::optional<auto_shutdown> mode) {
  if (s.id.empty())
    return error{errc::invalid, "a child of class \"" + s.kind + "\" has no id; give it one (missing_id)"};
  if (!s.start)
    return error{errc::invalid,
                 "child \"" + s.id + "\" has no start function; make the spec with child<P>(id) (missing_start)"};
  if (s.restart > restart_type::temporary)
    return wrong(s, "restart", number(s.restart), "permanent, transient or temporary", "invalid_restart_type");
  if (auto ok = check_significance(s, mode); !ok)
    return ok;
  if (s.type > child_type::supervisor)
    return wrong(s, "type", number(s.type), "worker or supervisor", "invalid_child_type");
  if (auto ok = check_durations(s); !ok)
    return ok;
  if (s.zombie > zombie_policy::abort)
    return wrong(s, "zombie", number(s.zombie), "detach, wait or abort", "invalid_zombie_policy");
  if (s.park_max > 0 && s.name.empty())
    return wrong(s, "park_max", std::to_string(s.park_max), "a name to park messages for, or 0", "bad_combination");
  return {};
}

std::string_view to_string(restart_type t) noexcept {
  switch (t) {
    case restart_type::permanent: return "permanent";
    case restart_type::transient: return "transient";
    case restart_type::temporary: return "temporary";
  }
  return "unknown";
}

std::string_view to_string(child_type t) noexcept {
  switch (t) {
    case child_type::worker: return "worker";
    case child_type::supervisor: return "supervisor";
  }
  return "unknown";
}

std::string_view to_string(zombie_policy p) noexcept {
  switch (p) {
    case zombie_policy::detach: return "detach";
    case zombie_policy::wait: return "wait";
    case zombie_policy::abort: return "abort";
  }
  return "unknown";
}

std::string_view to_string(auto_shutdown m) noexcept {
  switch (m) {
    case auto_shutdown::never: return "never";
    case auto_shutdown::any_significant: return "any_significant";
    case auto_shutdown::all_significant: return "all_significant";
  }
  return "unknown";
}

}  // namespace beamline::supervision
