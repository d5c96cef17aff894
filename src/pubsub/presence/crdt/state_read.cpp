#include "pubsub/presence/crdt/state.hpp"

#include <algorithm>
#include <tuple>

namespace beamline::presence {

bool state::is_known(const replica_id& r) const { return find(r) != nullptr; }

bool state::is_up(const replica_id& r) const {
  const auto* known = find(r);
  return known != nullptr && known->is_up;
}

clock_map state::clocks() const {
  clock_map seen;
  for (const auto& [id, r] : replicas_)
    if (r.is_up)
      seen.emplace_hint(seen.end(), id, r.context);
  return seen;
}

clock_map state::context() const {
  clock_map seen;
  for (const auto& [id, r] : replicas_)
    seen.emplace_hint(seen.end(), id, r.context);
  return seen;
}

clock_map state::sent_context() const {
  auto seen = context();
  seen[*self_] = counter_of(changes_.start, *self_);
  return seen;
}

state::summary state::summary_of(const replica_id& r) const {
  const auto* known = find(r);
  return known == nullptr ? summary{} : summary{known->held.size(), known->digest};
}

std::size_t state::cloud_size() const {
  std::size_t sum = 0;
  for (const auto& [id, r] : replicas_)
    sum += cloud_size(id);
  return sum;
}

std::size_t state::cloud_size(const replica_id& r) const {
  std::size_t sum = 0;
  if (const auto* known = find(r))
    for (const auto& [start, changes] : known->waiting)
      sum += changes.seen.size();
  return sum;
}

std::vector<const replica_id*> state::hidden() const {
  std::vector<const replica_id*> ids;
  for (const auto& [id, r] : replicas_)
    if (!r.is_up)
      ids.push_back(r.id.get());
  return ids;
}

namespace {

/// All entries share the owner's id, so one look at the address tells.
bool is_of(const std::vector<const replica_id*>& ids, const held_entry& e) {
  return std::find(ids.begin(), ids.end(), e.owner.get()) != ids.end();
}

template <class Entries>
std::vector<tracked> shown(const Entries& entries, const std::vector<const replica_id*>& hidden) {
  std::vector<tracked> list;
  list.reserve(entries.size());
  for (const auto* e : entries)
    if (!is_of(hidden, *e))
      list.push_back(as_tracked(*e));
  return list;
}

}  // namespace

std::vector<tracked> state::online(std::string_view topic) const { return shown(index_.in(topic), hidden()); }

std::vector<tracked> state::all(std::string_view topic) const { return shown(index_.in(topic), {}); }

std::vector<tracked> state::by_key(std::string_view topic, std::string_view key) const {
  return shown(index_.under(topic, key), hidden());
}

diff state::held_of(const replica_id& r) const {
  const auto* known = find(r);
  return known == nullptr ? diff{} : all_of(*known, &topic_diff::leaves);
}

std::optional<tracked> state::find(const dot& at) const {
  const auto* known = find(at.replica);
  if (known == nullptr)
    return std::nullopt;
  auto e = known->held.find(at.counter);
  return e == known->held.end() ? std::nullopt : std::optional{as_tracked(*e->second)};
}

std::size_t state::online_count(std::string_view topic) const {
  const auto& entries = index_.in(topic);
  auto not_shown = hidden();
  if (not_shown.empty())
    return entries.size();
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [&](const auto* e) { return !is_of(not_shown, *e); }));
}

diff state::all_of(const replica& r, std::vector<tracked> topic_diff::*as) const {
  diff d;
  for (const auto& [counter, e] : r.held)
    (d[*e->topic].*as).push_back(as_tracked(*e));
  for (auto& [topic, of_topic] : d)
    std::sort((of_topic.*as).begin(), (of_topic.*as).end(), [](const tracked& a, const tracked& b) {
      return std::tie(a.key.key, a.key.actor) < std::tie(b.key.key, b.key.actor);
    });
  return d;
}

}  // namespace beamline::presence
