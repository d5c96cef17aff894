#include "pubsub/presence/crdt/delta.hpp"

#include <algorithm>
#include <iterator>

namespace beamline::presence {

std::size_t delta::size() const {
  std::size_t sum = 0;
  for (const auto& [r, dots] : cloud)
    sum += dots.size();
  for (const auto& [r, entries] : values)
    sum += entries.size();
  return sum;
}

bool delta::has_seen(const replica_id& r, std::uint64_t counter) const {
  if (is_whole && counter <= counter_of(end, r))
    return true;
  auto dots = cloud.find(r);
  return dots != cloud.end() && dots->second.contains(counter);
}

entry_ptr delta::value(const replica_id& r, std::uint64_t counter) const {
  auto entries = values.find(r);
  if (entries == values.end())
    return nullptr;
  auto found = entries->second.find(counter);
  return found == entries->second.end() ? nullptr : found->second;
}

void delta::remove_replica(const replica_id& r) {
  start.erase(r);
  end.erase(r);
  cloud.erase(r);
  values.erase(r);
}

bool operator==(const delta& a, const delta& b) {
  auto same_entries = [](const auto& x, const auto& y) {
    return x.first == y.first
        && std::equal(x.second.begin(), x.second.end(), y.second.begin(), y.second.end(),
                      [](const auto& p, const auto& q) { return p.second == q.second || *p.second == *q.second; });
  };
  return a.is_whole == b.is_whole && a.start == b.start && a.end == b.end && a.cloud == b.cloud
      && std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same_entries);
}

bool are_contiguous(const delta& a, const delta& b) {
  if (a.is_whole || b.is_whole)
    return false;
  return std::all_of(a.end.begin(), a.end.end(), [&](const auto& range) {
    const auto& [r, a_end] = range;
    auto b_end = b.end.find(r);
    return b_end == b.end.end() || (a_end >= counter_of(b.start, r) && b_end->second >= counter_of(a.start, r));
  });
}

void absorb_changes(dot_set& into_seen, entry_map& into_values, const dot_set& seen, const entry_map& values) {
  // What `into` holds and the other knows to be removed goes. By the runs: what `into` holds besides costs nothing.
  for (const auto& [first, last] : seen.runs())
    for (auto at = into_values.lower_bound(first); at != into_values.end() && at->first <= last;)
      at = values.contains(at->first) ? std::next(at) : into_values.erase(at);
  for (const auto& [counter, e] : values)
    if (!into_seen.contains(counter))
      into_values.emplace(counter, e);
  into_seen.insert(seen);
}

void absorb(delta& into, const delta& d) {
  static const entry_map none;
  for (const auto& [r, seen] : d.cloud) {
    auto theirs = d.values.find(r);
    auto& values = into.values[r];
    absorb_changes(into.cloud[r], values, seen, theirs == d.values.end() ? none : theirs->second);
    if (values.empty())
      into.values.erase(r);
  }
  into.start = lower_bound(into.start, d.start);
  into.end = upper_bound(into.end, d.end);
}

std::optional<delta> merged(const delta& a, const delta& b) {
  if (!are_contiguous(a, b))
    return std::nullopt;
  auto both = a;
  absorb(both, b);
  return both;
}

}  // namespace beamline::presence
