#include "base/planted.hpp"
#include "pubsub/presence/tracker/shard_core.hpp"

#include <utility>

// Which replicas are shown. One that is met, or met again, is known to the state but hidden until its transfer is
// there: so what changed meanwhile is one diff, without ghosts that join and leave (D159), and a shard that was
// restarted is one diff as well, without a flicker (D171).

namespace beamline::presence {

bool shard_core::note_alive(const replica_id& r, time_point now) {
  auto h = replicas_.heard(r, now);
  using change = replica_table::change;
  switch (h.what) {
    case change::stale: return false;
    case change::full: port_.complain(r.name, "its replica is one too many, nothing of it is listed"); return false;
    case change::refreshed: return true;
    case change::first:
    case change::again:
    case change::replaced: meet(r, h, now); return true;
  }
  return true;
}

void shard_core::meet(const replica_id& r, const replica_table::heard_of& h, time_point now) {
  are_runs_due_ = true;
  meeting m{r, {}, {}, now + 2 * options_.tracker.broadcast_period};
  if (h.what == replica_table::change::replaced) {
    const auto& before = h.previous->id;
    wanted_.forget(r.name);
    served_.forget(r.name);
    pending_.remove(before);
    if (auto at = meetings_.find(r.name); at != meetings_.end()) {
      m.old = at->second.old;
      meetings_.erase(at);
      forget(before, "another run of it came");
    } else if (state_.is_up(before)) {
      m.old = before;
    } else {
      forget(before, "another run of it came");
    }
  }
  if (h.what != replica_table::change::again) {
    // From here on what is heard of it counts (D143).
    (void)state_.replica_up(r);
    (void)state_.replica_down(r);
  }
  meetings_.insert_or_assign(r.name, std::move(m));
}

// The newest run of a name that the run before this one had heard of; what it showed of that name is known already. It
// may be of an earlier run: then the newest was being met, and still is.
void shard_core::resume(const replica_table::past_run& newest, time_point now) {
  const auto* shown = replicas_.find(newest.id.name);
  if (shown == nullptr)
    return replicas_.remember(newest.id, newest.has_left);
  if (shown->id.version > newest.id.version)
    return;
  if (!newest.has_left) {
    (void)note_alive(newest.id, now);
    return;
  }
  auto old = shown->id;
  (void)replicas_.left(old);
  replicas_.remember(newest.id, true);
  hide(old, "it left");
  forget(old, "it left");
}

bool shard_core::has_caught_up(const meeting& m) const {
  return m.target && counter_of(state_.context(), m.met) >= *m.target;
}

void shard_core::finish_meeting(const std::string& name) {
  auto at = meetings_.find(name);
  auto m = std::move(at->second);
  meetings_.erase(at);
  if (!has_caught_up(m))
    ++counters_.shown_early;
  if (m.old && !planted::is_on(planted::bug::zombies_kept)) {
    hide(*m.old, "another run of it came");
    forget(*m.old, "another run of it came");
  }
  show(m.met);
}

// It went down before it was shown.
void shard_core::drop_meeting(const std::string& name) {
  auto at = meetings_.find(name);
  if (at == meetings_.end())
    return;
  auto old = at->second.old;
  meetings_.erase(at);
  if (old) {
    hide(*old, "another run of it came and went");
    forget(*old, "another run of it came and went");
  }
}

void shard_core::merge_in(const delta& d) {
  if (planted::is_on(planted::bug::stale_news_taken))
    for (const auto& [r, counter] : d.end)
      (void)(state_.is_known(r) ? diff{} : state_.replica_up(r));
  diff hidden;
  sum_.add(state_.merge(d, &hidden));
  touch(hidden);
  if (d.is_whole)
    generations_.clear();
  else
    generations_.push(d, state_.context());
  is_clock_due_ = true;
}

void shard_core::show(const replica_id& r) {
  sum_.add(state_.replica_up(r));
  is_clock_due_ = true;
  port_.replica_changed(r, "up", "it was heard");
}

void shard_core::hide(const replica_id& r, std::string_view why) {
  sum_.add(state_.replica_down(r));
  is_clock_due_ = true;
  port_.replica_changed(r, "down", why);
}

void shard_core::forget(const replica_id& r, std::string_view why) {
  touch(state_.held_of(r));
  sum_.add(state_.remove_replica(r));
  generations_.remove_replica(r);
  pending_.remove(r);
  owners_.erase(r);
  are_runs_due_ = true;
  port_.replica_changed(r, "gone", why);
}

void shard_core::check_silence(time_point now) {
  auto silent = replicas_.detect_down(now);
  for (const auto& r : silent.down) {
    pending_.remove(r);
    wanted_.forget(r.name);
    if (meetings_.contains(r.name))
      drop_meeting(r.name);
    else
      hide(r, "nothing was heard of it");
  }
  for (const auto& r : silent.gone)
    forget(r, "nothing was heard of it for too long");
  std::vector<std::string> overdue;
  for (const auto& [name, m] : meetings_)
    if (now >= m.until)
      overdue.push_back(name);
  for (const auto& name : overdue)
    finish_meeting(name);
}

}  // namespace beamline::presence
