#include "base/telemetry_value.hpp"
#include "supervision/supervisor_core.hpp"

// Stopping one child (S70-S75), and those that cannot be stopped (M9, M10).

namespace beamline::supervision {

void supervisor_core::begin_stop(slot& s, time_point now) {
  if (!s.has_process()) {  // Ended already, or waits to be restarted.
    op_->to_stop.pop_back();
    clear_slot(s);
    return;
  }
  wait_ = {.what = waiting::stage::stopping, .position = s.position, .ref = s.ref, .begun = now};
  if (s.gone) {  // S51, S74: this is how we learn of it.
    auto why = *s.gone;
    stop_done(s, why, now);
    return;
  }
  auto how = s.spec.effective_shutdown();
  set_state(s, slot_state::stopping);
  if (how.is_brutal_kill())
    return kill_waited(s, waiting::stage::killed);
  port_.signal(s.who, reason::shutdown());
  if (how.limit() == duration::zero())
    kill_waited(s, waiting::stage::killed);  // S73
  else if (!how.is_infinity())
    start_timer(how.limit());
}

void supervisor_core::kill_waited(slot& s, waiting::stage next) {
  stop_timer();
  wait_.what = next;
  port_.signal(s.who, reason::kill());
  start_timer(s.spec.kill_grace);
}

/// It was killed, its grace is over, and it is still in its handler.
void supervisor_core::give_it_up(slot& s, time_point now) {
  auto is_start = wait_.what == waiting::stage::start_killed;
  if (s.spec.zombie == zombie_policy::abort) {
    make_zombie(s, now);
    port_.abort("child \"" + s.spec.id + "\" " + to_string(s.who) + " was killed and does not return from its handler");
  } else if (s.spec.zombie == zombie_policy::wait) {
    if (!is_start)
      wait_.what = waiting::stage::stuck;
    tell(s, report::kind::zombie, reason::custom("unkillable; its supervisor waits for it"), now);
    return;
  } else if (!port_.fence(s.who)) {
    return;  // It has just ended by itself.
  } else {
    make_zombie(s, now);
  }
  lose_process(s);
  if (is_start)
    return start_failed(
        s, {.what = child_error::kind::start_failed, .detail = "timeout", .why = reason::custom("timeout")}, now);
  wait_ = {};
  op_->to_stop.pop_back();
  clear_slot(s);
}

void supervisor_core::make_zombie(slot& s, time_point now) {
  prune_zombies();
  auto facts = port_.facts(s.who).value_or(supervisor_port::child_facts{});
  zombie z{.info = {.id = s.spec.id,
                    .who = s.who,
                    .kind = s.spec.kind,
                    .handling = facts.handling,
                    .handling_for = facts.handling_for},
           .since = now,
           .report = report_of(s, report::kind::zombie, reason::custom("unkillable"), now),
           .is_foreign = s.is_foreign};
  z.report.took = now - wait_.begun;
  z.report.last_message = facts.handling;
  z.report.handling_for = facts.handling_for;
  z.report.lived = now - s.since;
  port_.report(z.report);
  port_.zombie_added(s.ref, z.info, now);
  zombies_.emplace(s.ref, std::move(z));
  if (zombies_.size() <= flags_.zombies_max || has_too_many_zombies_ || phase_ == phase::ending)
    return;
  has_too_many_zombies_ = true;
  auto last =
      report_of(s, report::kind::shutdown,
                reason::custom("zombies_max: " + std::to_string(zombies_.size()) + " children cannot be ended, at most "
                               + std::to_string(flags_.zombies_max) + " may"),
                now);
  port_.report(std::move(last));
}

/// A zombie has returned at last.
bool supervisor_core::reap(std::uint64_t ref, const reason& why, time_point now) {
  auto i = zombies_.find(ref);
  if (i == zombies_.end())
    return false;
  if (i->second.is_foreign)
    return true;  // Its watchers were told when it was fenced; it is pruned once it is gone.
  auto r = std::move(i->second.report);
  r.what = report::kind::zombie_reaped;
  r.why = why;
  r.took = now - i->second.since;
  port_.report(std::move(r));
  port_.zombie_removed(ref);
  zombies_.erase(i);
  return true;
}

void supervisor_core::prune_zombies() {
  for (auto i = zombies_.begin(); i != zombies_.end();)
    if (i->second.is_foreign && !port_.facts(i->second.info.who)) {
      port_.zombie_removed(i->first);
      i = zombies_.erase(i);
    } else {
      ++i;
    }
}

void supervisor_core::stop_done(slot& s, const reason& why, time_point now) {
  stop_timer();
  if (!is_fine_end(s, why))
    tell(s, report::kind::shutdown_error, why, now);
  wait_ = {};
  lose_process(s);
  op_->to_stop.pop_back();
  clear_slot(s);
}

/// S71
bool supervisor_core::is_fine_end(const slot& s, const reason& why) {
  auto is_plain_shutdown = why.why == reason::kind::shutdown && why.text.empty();
  auto is_permanent = s.spec.restart == restart_type::permanent;
  if (s.spec.effective_shutdown().is_brutal_kill())
    return why.why == reason::kind::killed || (why.is_graceful() && !is_permanent);
  return is_plain_shutdown || (why.is_graceful() && !is_permanent);
}

}  // namespace beamline::supervision
