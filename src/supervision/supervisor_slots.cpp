#include "supervision/supervisor_core.hpp"

// The slots of a supervisor: their states, and what is told about them.

namespace beamline::supervision {

// -- slots -----------------------------------------------------------------------------------

slot& supervisor_core::add_slot(child_spec spec, bool is_added, time_point now) {
  auto& s = slots_.add(std::move(spec), is_added);
  s.since = now;
  if (s.spec.park_max > 0)
    port_.declare_name(s.spec);
  port_.slot_changed(s);
  return s;
}

void supervisor_core::replace_spec(slot& s, child_spec spec) {
  auto keeps_name = s.spec.name == spec.name && s.spec.park_max == spec.park_max;
  if (!keeps_name && s.spec.park_max > 0)
    port_.withdraw_name(s.spec);
  slots_.replace_spec(s, std::move(spec));
  if (!keeps_name && s.spec.park_max > 0)
    port_.declare_name(s.spec);
}

void supervisor_core::move_to_end(slot& s) {
  auto old_position = s.position;
  slots_.move_to_end(s);
  if (s.retry != 0)
    retries_[s.retry] = s.position;
  port_.slot_moved(old_position, s);
}

void supervisor_core::set_state(slot& s, slot_state state) {
  s.state = state;
  port_.slot_changed(s);
}

/// Its process has ended; `who` stays for reports and `which_children` of a slot that is restarting.
void supervisor_core::lose_process(slot& s) {
  slots_.set_ref(s, 0);
  s.gone.reset();
  s.is_foreign = false;
}

void supervisor_core::remove_slot(slot& s) {
  cancel_retry(s);
  if (s.spec.park_max > 0)
    port_.withdraw_name(s.spec);
  port_.slot_removed(s);
  slots_.remove(s);
}

/// Nobody is in it and nobody will be, until somebody asks for it.
void supervisor_core::clear_slot(slot& s) {
  cancel_retry(s);
  if (s.spec.restart == restart_type::temporary)
    remove_slot(s);
  else
    set_state(s, slot_state::stopped);
}

supervision::report supervisor_core::report_of(const slot& s, report::kind what, const reason& why,
                                               time_point now) const {
  supervision::report r;
  r.what = what;
  r.why = why;
  r.id = s.spec.id;
  r.child = s.who;
  r.child_kind = s.spec.kind;
  r.is_restarting = op_ && op_->is_retry && what == report::kind::start_error;
  r.restart = s.spec.restart;
  r.type = s.spec.type;
  r.significant = s.spec.significant;
  r.shutdown = s.spec.effective_shutdown();
  r.incarnation = s.incarnation;
  r.strategy = flags_.strategy;
  r.restarts_in_period = window_.count(now);
  r.intensity = flags_.intensity;
  r.is_api_start = op_ && (op_->what == operation::kind::add || op_->what == operation::kind::start_again);
  return r;
}

void supervisor_core::tell(const slot& s, report::kind what, const reason& why, time_point now) {
  auto is_api_start = op_ && (op_->what == operation::kind::add || op_->what == operation::kind::start_again);
  if (!port_.wants_report(what, is_api_start))
    return;
  auto r = report_of(s, what, why, now);
  if (what == report::kind::progress || what == report::kind::start_error || what == report::kind::shutdown_error)
    r.took = now - wait_.begun;
  if (what == report::kind::child_terminated) {
    r.lived = now - s.since;
    if (s.spec.restart != restart_type::temporary)
      for (auto i = scope_begin(s); i != scope_end(s) && r.affected.size() <= report::affected_max; ++i)
        if (i->first != s.position)
          r.affected.push_back(r.affected.size() == report::affected_max ? "..." : i->second.spec.id);
  }
  port_.report(std::move(r));
}

void supervisor_core::stop_timer() {
  if (wait_.timer != 0)
    port_.disarm(wait_.timer);
  wait_.timer = 0;
}

void supervisor_core::start_timer(duration d) {
  wait_.timer = next_key();
  port_.arm(wait_.timer, d);
}

}  // namespace beamline::supervision
