// How children of a dynamic supervisor end, are restarted, and are stopped.

#include "supervision/dynamic_core.hpp"

#include <algorithm>

namespace beamline::supervision {

// -- ends and restarts -------------------------------------------------------------------

void dynamic_core::gone(birth_ref ref, child_gone::stage when, const reason& why, time_point now) {
  if (auto z = zombies_.find(ref); z != zombies_.end()) {
    child was{.spec = z->second.spec, .ref = ref, .id = z->second.id, .incarnation = z->second.incarnation};
    port_.report(report::kind::zombie_reaped, was, why, now - z->second.since, 1);
    zombies_.erase(z);
    port_.zombie_removed(ref);
    return;
  }
  auto* c = find_ref(ref);
  if (c == nullptr)
    return;
  switch (c->is) {
    case phase::starting:
      if (when == child_gone::stage::ignored)
        was_ignored(*c);
      else
        start_failed(*c, {.what = child_error::kind::start_failed, .why = why}, now);
      break;
    case phase::running: ended_by_itself(*c, why, now); break;
    case phase::stopping:
    case phase::killed:
      if (c->is_late && !c->is_unwanted) {
        start_timed_out(*c, now);
        break;
      }
      if (when != child_gone::stage::ignored && !is_fine_end(*c, why))
        note_shutdown_error(*c, why, now - c->since);
      forget(*c);
      break;
    case phase::restarting: break;
  }
  finish_if_empty();
}

void dynamic_core::start_timed_out(child& c, time_point now) {
  auto limit = std::to_string(to_ms(c.spec->start_timeout)) + " ms";
  start_failed(c,
               {.what = child_error::kind::start_failed,
                .detail = "timeout: its start took longer than " + limit,
                .why = reason::custom("timeout")},
               now);
}

void dynamic_core::ended_by_itself(child& c, const reason& why, time_point now) {
  auto lived = now - c.since;
  auto is_restarted =
      c.spec->restart == restart_type::permanent || (c.spec->restart == restart_type::transient && !why.is_graceful());
  if (is_restarted || !why.is_graceful())
    port_.report(report::kind::child_terminated, c, why, lived, 1);
  if (!is_restarted) {
    forget(c);
    return;
  }
  if (lived > flags_.period)
    c.row = 0;
  if (c.id != c.known_id)
    by_id_.erase(c.id);
  c.id = 0;
  enter(c, phase::restarting, now);
  restart(c, now);
}

// Every attempt takes one unit of the budget, the first as well as repeated ones (S57).
void dynamic_core::restart(child& c, time_point now) {
  ++restarts_;
  port_.restart_counted(now);
  if (!window_.record(now)) {
    give_up(c,
            "reached_max_restart_intensity: more than " + std::to_string(flags_.intensity) + " restarts within "
                + std::to_string(to_ms(flags_.period)) + " ms",
            now);
    return;
  }
  ++c.row;
  if (flags_.backoff.is_on())
    set_deadline(c, backoff_delay(flags_.backoff, c.row, port_.random()), now);
  else
    attempt(c, now);
}

void dynamic_core::retry(birth_ref ref, time_point now) {
  auto* c = find_ref(ref);  // It may have been terminated meanwhile (S114).
  if (c != nullptr && c->is == phase::restarting)
    restart(*c, now);
  finish_if_empty();
}

void dynamic_core::attempt(child& c, time_point now) {
  // The record keeps its place in memory; `by_id_` may go on pointing to it.
  auto ref = port_.next_ref();
  auto node = children_.extract(std::exchange(c.ref, ref));
  node.key() = ref;
  children_.insert(std::move(node));
  ++c.incarnation;
  c.graces = 0;
  c.is_late = false;
  if (c.is_instance)
    c.spec = template_spec_;
  enter(c, phase::starting, now);
  launch(c, now);
}

// The offender is gone already; it is cleared first, so that it is not stopped again (S59).
void dynamic_core::give_up(child& c, const std::string& limit, time_point now) {
  port_.report(report::kind::shutdown, c, reason::custom(limit), duration::zero(), 1);
  forget(c);
  stop(reason::shutdown(), now);
}

// -- stopping ----------------------------------------------------------------------------

void dynamic_core::terminate(std::uint64_t id, token t, time_point now) {
  auto i = by_id_.find(id);
  if (i == by_id_.end()) {
    port_.answer_change(t, child_error{.what = child_error::kind::not_found, .detail = "no child here has that pid"});
    return;
  }
  auto& c = *i->second;
  terminators_.emplace(c.ref, t);
  end_child(c, now);
}

void dynamic_core::stop(const reason& why, time_point now) {
  if (is_stopping_)
    return;
  is_stopping_ = true;
  stop_why_ = why;
  for (const auto* c : list())  // All at once (S117); the newest is told first.
    end_child(children_.at(c->ref), now);
  finish_if_empty();
}

void dynamic_core::end_child(child& c, time_point now) {
  c.is_unwanted = true;
  switch (c.is) {
    case phase::restarting: forget(c); return;
    case phase::stopping:
    case phase::killed: return;
    case phase::starting:
    case phase::running: break;
  }
  auto policy = c.spec->effective_shutdown();
  if (policy.is_brutal_kill()) {
    kill(c, now);
    return;
  }
  enter(c, phase::stopping, now);
  if (c.id != 0)
    port_.signal(c, reason::shutdown());
  if (policy.limit() <= duration::zero())
    kill(c, now);
  else if (!policy.is_infinity())
    set_deadline(c, policy.limit(), now);
}

void dynamic_core::kill(child& c, time_point now) {
  enter(c, phase::killed, now);
  if (c.id != 0)
    port_.signal(c, reason::kill());
  set_deadline(c, c.spec->kill_grace, now);
}

void dynamic_core::become_zombie(child& c, time_point now) {
  if (c.spec->zombie == zombie_policy::wait)
    return;
  // Not stuck: it waits for a thread, or its destructors run.
  if (c.id == 0 || (!port_.is_busy(c) && ++c.graces <= graces_max)) {
    set_deadline(c, std::max(c.spec->kill_grace, duration{1ms}), now);
    return;
  }
  port_.report(report::kind::zombie, c, reason::custom("unkillable"), now - c.since, 1);
  if (c.spec->zombie == zombie_policy::abort) {
    port_.abort(c);
    return;
  }
  port_.zombie_added(c, now);
  if (!port_.fence(c)) {
    port_.zombie_removed(c.ref);
    return;
  }
  auto is_one_too_many = zombies_.size() >= flags_.zombies_max && !is_stopping_;
  zombies_.emplace(c.ref, zombie{c.spec, c.id, c.incarnation, now});
  if (is_one_too_many)
    give_up(c, "zombies_max: more than " + std::to_string(flags_.zombies_max) + " children do not end", now);
  else if (c.is_late && !c.is_unwanted)
    start_timed_out(c, now);
  else
    forget(c);
}

bool dynamic_core::is_fine_end(const child& c, const reason& why) {
  if (c.spec->effective_shutdown().is_brutal_kill())
    return why.why == reason::kind::killed;
  return why.why == reason::kind::shutdown || (why.is_normal() && c.spec->restart != restart_type::permanent);
}

// At the end of everything the same reason is reported once, with how many it struck (S99).
void dynamic_core::note_shutdown_error(const child& c, const reason& why, duration took) {
  if (!is_stopping_) {
    port_.report(report::kind::shutdown_error, c, why, took, 1);
    return;
  }
  auto key = to_string(why);
  auto g = shutdown_errors_.find(key);
  if (g == shutdown_errors_.end()) {
    if (shutdown_errors_.size() < shutdown_reasons_max)
      g = shutdown_errors_.emplace(std::move(key), shutdown_group{.first = c, .why = why}).first;
    else
      g = std::prev(shutdown_errors_.end());
  }
  g->second.took = std::max(g->second.took, took);
  ++g->second.children;
}

void dynamic_core::finish_if_empty() {
  if (!is_stopping_ || has_ended_ || !children_.empty())
    return;
  has_ended_ = true;
  for (const auto& [text, g] : shutdown_errors_)
    port_.report(report::kind::shutdown_error, g.first, g.why, g.took, g.children);
  shutdown_errors_.clear();
  port_.end(stop_why_);
}

}  // namespace beamline::supervision
