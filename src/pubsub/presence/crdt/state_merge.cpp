// What other replicas say, and what becomes of them.

#include "pubsub/presence/crdt/state.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace beamline::presence {

diff state::replica_up(const replica_id& r) {
  auto* known = find_other(r);
  if (r == *self_ || (known != nullptr && known->is_up))
    return {};
  if (known == nullptr) {
    replicas_.emplace(r, replica{std::make_shared<const replica_id>(r)});
    return {};
  }
  known->is_up = true;
  return all_of(*known, &topic_diff::joins);
}

diff state::replica_down(const replica_id& r) {
  auto* known = find_other(r);
  if (known == nullptr || !known->is_up)
    return {};
  known->is_up = false;
  return all_of(*known, &topic_diff::leaves);
}

diff state::remove_replica(const replica_id& r) {
  auto gone = replica_down(r);
  if (auto* known = find_other(r)) {
    for (const auto& [counter, e] : known->held)
      index_.erase(*e);
    size_ -= known->held.size();
    replicas_.erase(r);
  }
  return gone;
}

diff state::merge(const delta& d, diff* hidden) {
  slot_changes step;
  for (auto& [id, r] : replicas_) {
    auto end = d.end.find(id);
    if (id == *self_ || end == d.end.end() || end->second <= r.context)
      continue;
    if (d.is_whole)
      merge_whole(r, d, step);
    else
      merge_changes(r, d, step);
    apply_waiting(r, step);
  }
  return told(step, hidden);
}

/// What is held becomes what `d` has (D142). Removals come first: a slot has room for one.
void state::merge_whole(replica& r, const delta& d, slot_changes& step) {
  static const entry_map none;
  auto found = d.values.find(*r.id);
  const auto& values = found == d.values.end() ? none : found->second;
  for (auto at = r.held.begin(); at != r.held.end();) {
    auto there = values.find(at->first);
    at = there != values.end() && *there->second == *at->second ? std::next(at) : erase(r, at, step);
  }
  r.context = counter_of(d.end, *r.id);
  insert_missing(r, values.begin(), values.upper_bound(r.context), step);
}

void state::merge_changes(replica& r, const delta& d, slot_changes& step) {
  static const dot_set no_dots;
  static const entry_map no_entries;
  auto found_seen = d.cloud.find(*r.id);
  const auto& seen = found_seen == d.cloud.end() ? no_dots : found_seen->second;
  auto found_values = d.values.find(*r.id);
  const auto& values = found_values == d.values.end() ? no_entries : found_values->second;
  auto end = counter_of(d.end, *r.id);
  if (auto start = counter_of(d.start, *r.id); start > r.context)
    wait(r, start, {end, seen, values});
  else
    apply(r, end, seen, values, step);
}

/// They begin where the context ends, or before.
void state::apply(replica& r, std::uint64_t end, const dot_set& seen, const entry_map& values, slot_changes& step) {
  for (const auto& [first, last] : seen.runs())
    for (auto at = r.held.lower_bound(first); at != r.held.end() && at->first <= last;)
      at = values.contains(at->first) ? std::next(at) : erase(r, at, step);
  insert_missing(r, values.upper_bound(std::exchange(r.context, end)), values.upper_bound(end), step);
}

void state::insert_missing(replica& r, entry_map::const_iterator first, entry_map::const_iterator last,
                           slot_changes& step) {
  for (auto at = first; at != last; ++at) {
    if (r.held.contains(at->first))
      continue;
    auto e = adopted(r, at->second);
    // Nobody who keeps the rules writes a slot that is not empty; of those who do not, the newest counts.
    if (const auto* before = index_.find(*e))
      (void)erase(r, r.held.find(before->counter), step);
    insert(r, std::move(e), step);
  }
}

void state::wait(replica& r, std::uint64_t start, waiting_changes part) {
  // Whatever it touches becomes one with it.
  for (auto at = r.waiting.begin(); at != r.waiting.end();) {
    if (at->first > part.end || at->second.end < start) {
      ++at;
      continue;
    }
    start = std::min(start, at->first);
    part.end = std::max(part.end, at->second.end);
    absorb_changes(part.seen, part.values, at->second.seen, at->second.values);
    at = r.waiting.erase(at);
  }
  r.waiting.emplace(start, std::move(part));
  std::size_t dots = 0;
  std::size_t octets = 0;
  for (const auto& [from, changes] : r.waiting) {
    dots += changes.seen.size();
    for (const auto& [counter, e] : changes.values)
      octets += e->key.size() + e->meta->size();
  }
  if (dots > waiting_dots_max || octets > waiting_octets_max)
    r.waiting.clear();
}

void state::apply_waiting(replica& r, slot_changes& step) {
  while (!r.waiting.empty() && r.waiting.begin()->first <= r.context) {
    auto part = std::move(r.waiting.begin()->second);
    r.waiting.erase(r.waiting.begin());
    if (part.end > r.context)
      apply(r, part.end, part.seen, part.values, step);
  }
}

diff state::replace(const replica_id& of, const delta& d) {
  auto* r = find_other(of);
  auto end = d.end.find(of);
  if (r == nullptr || !d.is_whole || end == d.end.end() || end->second < r->context)
    return {};
  slot_changes step;
  merge_whole(*r, d, step);
  apply_waiting(*r, step);
  return told(step);
}

delta state::extract(const replica_id& for_whom, const clock_map& clock) const {
  delta whole{.is_whole = true};
  for (const auto& [id, r] : replicas_) {
    if (id == for_whom || !clock.contains(id))
      continue;
    whole.end.emplace(id, r.context);
    if (!r.held.empty())
      whole.values.emplace(id, r.held);
  }
  return whole;
}

}  // namespace beamline::presence
