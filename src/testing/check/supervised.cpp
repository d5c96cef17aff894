#include "testing/check/supervised.hpp"

#include "base/telemetry_value.hpp"

#include <algorithm>

namespace beamline::testing {

using supervision::report;
using supervision::restart_type;
using supervision::strategy;
using supervision::supervisor_flags;

namespace {

bool is_restarted(const report& r) {
  return r.restart == restart_type::permanent || (r.restart == restart_type::transient && !r.why.is_graceful());
}

std::string in_quotes(std::string_view id) { return "\"" + std::string{id} + "\""; }

}  // namespace

// -- processes ---------------------------------------------------------------------------

std::string supervised::started(const birth& b) {
  std::string broken;
  if (!must_end_.empty())
    broken = "starts " + in_quotes(b.id) + ", although it " + must_end_;
  if (!is_dynamic_) {
    if (is_alive(b.id))
      broken = "starts " + in_quotes(b.id) + " while another life of it is there (M4)";
    for (auto p : stopping_)
      if (auto i = living_.find(p); i != living_.end() && !i->second.is_zombie)
        broken = "starts " + in_quotes(b.id) + " while " + in_quotes(i->second.id)
               + " is still there, which is restarted with it (S46-S48)";
    stopping_.clear();
    auto& c = children_[b.id];
    c.position = b.position;
    c.due.reset();
  }
  living_[b.process] = {b.id, b.position};
  return broken;
}

void supervised::ended(std::uint64_t process) {
  living_.erase(process);
  std::erase(stopping_, process);
}

/// Those of a restart are told one after another, when all that were started later are gone.
std::string supervised::tells_to_stop(std::uint64_t process) const {
  auto place = std::find(stopping_.begin(), stopping_.end(), process);
  if (place == stopping_.end())
    return {};
  for (auto later = std::next(place); later != stopping_.end(); ++later)
    if (auto l = living_.find(*later); l != living_.end() && !l->second.is_zombie)
      return "stops " + in_quotes(living_.at(process).id) + " before " + in_quotes(l->second.id)
           + ", which was started after it (S48)";
  return {};
}

// -- reports -----------------------------------------------------------------------------

std::string supervised::reported(const report& r, time_point now, const std::optional<supervisor_flags>& flags) {
  if (auto c = children_.find(r.id); c != children_.end())
    c->second.restart = r.restart;
  switch (r.what) {
    case report::kind::child_terminated: return terminated(r, now, flags);
    case report::kind::progress: return progressed(r);
    case report::kind::shutdown: return gave_up(r, now, flags);
    case report::kind::zombie:
      if (auto i = living_.find(r.child.id()); i != living_.end())
        i->second.is_zombie = true;
      return {};
    case report::kind::start_error:
      ++failed_starts_;
      // A supervisor whose list does not start ends by itself; one that restarts tries again.
      if (!r.is_api_start && !is_dynamic_)
        if (auto c = children_.find(r.id); c != children_.end() && (c->second.has_run || c->second.may_restart))
          share_fate(r, now);
      return {};
    case report::kind::shutdown_error:
    case report::kind::zombie_reaped: return {};
  }
  return {};
}

std::string supervised::terminated(const report& r, time_point now, const std::optional<supervisor_flags>& flags) {
  if (!is_restarted(r))
    return {};
  if (!is_dynamic_)
    share_fate(r, now);
  if (!is_dynamic_ && r.strategy != strategy::one_for_one) {
    stopping_.clear();
    const auto* offender = known(r.id);
    for (const auto& [process, l] : living_)
      if (shares_fate(r, offender, l.position) && !l.is_zombie)
        stopping_.push_back(process);
    std::ranges::sort(stopping_, {}, [this](std::uint64_t p) { return living_.at(p).position; });
  }
  ends_.push_back(now);
  if (ends_.size() > ends_kept_max)
    ends_.pop_front();
  if (flags && !flags->backoff.is_on())
    if (auto n = ends_within(flags->period, now); n > static_cast<std::size_t>(std::max(flags->intensity, 0)))
      require_end("has had " + std::to_string(n) + " restarts within " + to_text(event_value{flags->period})
                      + ", and its budget is " + std::to_string(flags->intensity) + " (S55)",
                  now);
  return {};
}

/// Who is restarted with it may be started from now on, and must be, if it is running or is the offender itself.
void supervised::share_fate(const report& r, time_point now) {
  const auto* offender = known(r.id);
  for (auto& [id, c] : children_) {
    if (id != r.id && !shares_fate(r, offender, c.position))
      continue;
    c.may_restart = true;
    auto is_there = is_alive(id);
    if (id == r.id || (is_there && c.restart != restart_type::temporary))
      c.due = now;
  }
}

/// A child that its supervisor did not spawn itself is not known, nor is its place.
const supervised::child* supervised::known(std::string_view id) const {
  auto i = children_.find(id);
  return i == children_.end() ? nullptr : &i->second;
}

bool supervised::is_alive(std::string_view id) const {
  return std::any_of(living_.begin(), living_.end(),
                     [&](const auto& l) { return l.second.id == id && !l.second.is_zombie; });
}

bool supervised::shares_fate(const report& r, const child* offender, std::uint64_t position) {
  return r.strategy == strategy::one_for_all
      || (r.strategy == strategy::rest_for_one && offender != nullptr && position > offender->position);
}

std::string supervised::progressed(const report& r) {
  if (is_dynamic_)
    return {};
  auto i = children_.find(r.id);
  if (i == children_.end())
    return {};
  auto& c = i->second;
  auto is_free = r.is_api_start || !c.has_run || c.may_restart;
  c.has_run = true;
  c.may_restart = false;
  c.due.reset();
  if (is_free)
    return {};
  return "restarted " + in_quotes(r.id) + ", but neither it nor anybody whose fate it shares ("
       + std::string{to_string(r.strategy)} + ") had ended by itself (S45)";
}

std::string supervised::gave_up(const report& r, time_point now, const std::optional<supervisor_flags>& flags) {
  std::string broken;
  // Each failed start is one more attempt, at most; when exactly is not told.
  if (r.why.text.starts_with("reached_max_restart_intensity") && flags && !flags->backoff.is_on()
      && ends_within(flags->period, now) + failed_starts_ <= static_cast<std::size_t>(std::max(flags->intensity, 0)))
    broken = "gives up after " + std::to_string(ends_within(flags->period, now)) + " restarts within "
           + to_text(event_value{flags->period}) + ", but its budget is " + std::to_string(flags->intensity) + " (S55)";
  require_end("has given up", now);
  for (auto& [id, c] : children_)
    c.due.reset();
  stopping_.clear();
  return broken;
}

void supervised::require_end(std::string why, time_point now) {
  if (!must_end_.empty())
    return;
  must_end_ = std::move(why);
  must_end_since_ = now;
}

std::size_t supervised::ends_within(duration period, time_point now) const {
  return static_cast<std::size_t>(
      std::count_if(ends_.begin(), ends_.end(), [&](time_point t) { return now - t <= period; }));
}

std::map<std::string, time_point> supervised::missing() const {
  std::map<std::string, time_point> all;
  auto is_stopping = std::ranges::any_of(stopping_, [this](std::uint64_t p) { return living_.contains(p); });
  if (must_end_.empty() && !is_stopping)
    for (const auto& [id, c] : children_)
      if (c.due)
        all.emplace(id, *c.due);
  return all;
}

}  // namespace beamline::testing
