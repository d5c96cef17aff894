#include "supervision/backoff.hpp"
#include "supervision/supervisor_core.hpp"

#include <algorithm>

// A child has ended by itself: is it started again, who else, and how often (S40-S69, S80-S82).

namespace beamline::supervision {

void supervisor_core::handle_death(slot& s, time_point now) {
  auto why = *s.gone;
  auto is_over =
      s.spec.restart == restart_type::temporary || (s.spec.restart == restart_type::transient && why.is_graceful());
  if (!is_over || !why.is_graceful())
    tell(s, report::kind::child_terminated, why, now);
  if (now - s.since > flags_.period)
    s.in_a_row = 0;
  if (!is_over) {
    lose_process(s);
    return restart(s, false, now);
  }
  auto was_significant = s.spec.significant;
  auto last = was_significant ? report_of(s, report::kind::shutdown, reason::shutdown("auto_shutdown"), now)
                              : supervision::report{};
  lose_process(s);
  clear_slot(s);
  shut_down_if_due(was_significant, last, now);
}

/// S80, S81
void supervisor_core::shut_down_if_due(bool was_significant, const supervision::report& last, time_point now) {
  if (!was_significant || flags_.auto_shutdown == auto_shutdown::never)
    return;
  if (flags_.auto_shutdown == auto_shutdown::all_significant
      && std::ranges::any_of(slots_.all(), [](const auto& entry) {
           return entry.second.spec.significant && entry.second.state != slot_state::stopped;
         }))
    return;
  port_.report(last);
  begin_end(reason::shutdown(), now);
}

void supervisor_core::restart(slot& s, bool is_retry, time_point now) {
  if (!is_retry && flags_.backoff.is_on())
    return pause_before_restart(s, now);
  ++restarts_;
  auto may_restart = window_.record(now);
  port_.restart_counted(now);
  if (!may_restart)
    return give_up(s, now);
  if (s.state != slot_state::restarting)
    set_state(s, slot_state::restarting);
  operation op{.what = operation::kind::restart, .is_retry = is_retry};
  op.to_stop = scope_of(s, false);
  op.to_start = scope_of(s, true);
  begin(std::move(op));
}

/// Siblings that share its fate do not go on without it; all of them start together when the pause is over.
void supervisor_core::pause_before_restart(slot& s, time_point) {
  schedule_retry(s);
  begin({.what = operation::kind::restart, .to_stop = scope_of(s, false)});
}

/// A failed attempt is followed by the next one, behind whatever waits already (S64).
void supervisor_core::schedule_retry(slot& s) {
  s.retry = next_key();
  retries_.emplace(s.retry, s.position);
  set_state(s, slot_state::restarting);
  auto delay = backoff_delay(flags_.backoff, ++s.in_a_row, port_.random());
  if (delay > duration::zero())
    port_.arm(s.retry, delay);
  else
    port_.post_retry(s.retry);
}

void supervisor_core::cancel_retry(slot& s) {
  if (s.retry == 0)
    return;
  port_.disarm(s.retry);
  retries_.erase(s.retry);
  s.retry = 0;
}

/// S59. The slot is cleared first, so that nobody tries to stop who is gone.
void supervisor_core::give_up(slot& s, time_point now) {
  tell(s, report::kind::shutdown, reason::custom("reached_max_restart_intensity"), now);
  clear_slot(s);
  begin_end(reason::shutdown(), now);
}

slot_table::slots::iterator supervisor_core::scope_begin(const slot& s) {
  auto& all = slots_.all();
  return flags_.strategy == strategy::one_for_all ? all.begin() : all.find(s.position);
}

slot_table::slots::iterator supervisor_core::scope_end(const slot& s) {
  auto& all = slots_.all();
  return flags_.strategy == strategy::one_for_one ? std::next(all.find(s.position)) : all.end();
}

std::vector<std::uint64_t> supervisor_core::scope_of(const slot& s, bool with_itself) {
  std::vector<std::uint64_t> positions;
  for (auto i = scope_begin(s), end = scope_end(s); i != end; ++i)
    if (with_itself || i->first != s.position)
      positions.push_back(i->first);
  return positions;
}

}  // namespace beamline::supervision
