#include "pubsub/presence/tracker/replica_table.hpp"

#include "pubsub/presence/tracker/limits.hpp"

#include <algorithm>

namespace beamline::presence {

replica_table::heard_of replica_table::heard(const replica_id& r, time_point now) {
  auto before = past_.find(r.name);
  if (before != past_.end()
      && (before->second.has_left ? r.version <= before->second.version : r.version < before->second.version))
    return {change::stale};
  auto at = replicas_.find(r.name);
  if (at == replicas_.end()) {
    if (replicas_.size() >= replicas_max)
      return {change::full};
    if (before != past_.end())
      past_.erase(before);
    replicas_.emplace(r.name, replica_info{r, replica_status::up, now});
    return {change::first};
  }
  auto previous = at->second;
  if (r.version < previous.id.version)
    return {change::stale, previous};
  at->second = {r, replica_status::up, now};
  if (r.version > previous.id.version)
    return {change::replaced, previous};
  return {previous.status == replica_status::up ? change::refreshed : change::again, previous};
}

replica_table::silent replica_table::detect_down(time_point now) {
  silent found;
  for (auto at = replicas_.begin(); at != replicas_.end();) {
    auto& r = at->second;
    auto quiet = now - r.heard;
    auto is_cut = r.hide_after && now >= *r.hide_after;
    if (r.status == replica_status::up && (is_cut || quiet > options_.down_period)) {
      r.status = replica_status::down;
      r.hide_after.reset();
      found.down.push_back(r.id);
    }
    if (quiet > options_.permdown_period) {
      found.gone.push_back(r.id);
      remember(r.id, false);
      at = replicas_.erase(at);
    } else {
      ++at;
    }
  }
  return found;
}

void replica_table::link_lost(const std::string& name, time_point until) {
  if (auto at = replicas_.find(name); at != replicas_.end() && at->second.status == replica_status::up)
    at->second.hide_after = std::min(until, at->second.hide_after.value_or(until));
}

void replica_table::link_found(const std::string& name, time_point until) {
  if (auto at = replicas_.find(name); at != replicas_.end() && at->second.hide_after)
    at->second.hide_after = std::max(until, *at->second.hide_after);
}

bool replica_table::left(const replica_id& r) {
  auto at = replicas_.find(r.name);
  if (at == replicas_.end() || at->second.id != r)
    return false;
  replicas_.erase(at);
  remember(r, true);
  return true;
}

void replica_table::remember(const replica_id& r, bool has_left) {
  if (past_.size() >= past_replicas_max)
    past_.erase(std::min_element(past_.begin(), past_.end(),
                                 [](const auto& a, const auto& b) { return a.second.forgotten < b.second.forgotten; }));
  past_[r.name] = {r.version, has_left, ++last_forgotten_};
}

void replica_table::excuse(duration d) {
  for (auto& [name, r] : replicas_) {
    r.heard += d;
    if (r.hide_after)
      *r.hide_after += d;
  }
}

std::vector<replica_table::past_run> replica_table::newest_runs() const {
  std::vector<past_run> runs;
  runs.reserve(replicas_.size() + past_.size());
  for (const auto& [name, p] : past_)
    runs.push_back({{name, p.version}, p.has_left});
  for (const auto& [name, r] : replicas_)
    runs.push_back({r.id, false});
  return runs;
}

const replica_info* replica_table::find(const std::string& name) const {
  auto at = replicas_.find(name);
  return at == replicas_.end() ? nullptr : &at->second;
}

std::vector<replica_info> replica_table::all() const {
  std::vector<replica_info> found;
  found.reserve(replicas_.size());
  for (const auto& [name, r] : replicas_)
    found.push_back(r);
  return found;
}

std::optional<time_point> replica_table::next_hide() const {
  std::optional<time_point> next;
  for (const auto& [name, r] : replicas_)
    if (r.hide_after && (!next || *r.hide_after < *next))
      next = r.hide_after;
  return next;
}

}  // namespace beamline::presence
