#include "pubsub/presence/crdt/clock.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace beamline::presence {

std::uint64_t counter_of(const clock_map& c, const replica_id& r) {
  auto found = c.find(r);
  return found == c.end() ? 0 : found->second;
}

bool dominates(const clock_map& a, const clock_map& b) {
  return a.size() >= b.size()
      && std::all_of(b.begin(), b.end(), [&](const auto& seen) { return counter_of(a, seen.first) >= seen.second; });
}

clock_map upper_bound(const clock_map& a, const clock_map& b) {
  auto bound = a;
  for (const auto& [r, counter] : b) {
    auto& mine = bound[r];
    mine = std::max(mine, counter);
  }
  return bound;
}

clock_map lower_bound(const clock_map& a, const clock_map& b) {
  auto bound = a;
  for (const auto& [r, counter] : b) {
    auto [at, is_new] = bound.emplace(r, counter);
    if (!is_new)
      at->second = std::min(at->second, counter);
  }
  return bound;
}

clock_map restricted(const clock_map& c, const std::set<replica_id>& to) {
  clock_map kept;
  for (const auto& [r, counter] : c)
    if (to.contains(r))
      kept.emplace_hint(kept.end(), r, counter);
  return kept;
}

clock_map restricted(const clock_map& c, const clock_map& to) {
  clock_map kept;
  for (const auto& [r, counter] : c)
    if (to.contains(r))
      kept.emplace_hint(kept.end(), r, counter);
  return kept;
}

std::vector<replica_id> replicas_of(const clock_map& c) {
  std::vector<replica_id> all;
  all.reserve(c.size());
  for (const auto& [r, counter] : c)
    all.push_back(r);
  return all;
}

void clock_set::add(const replica_id& from, clock_map c) {
  if (!c.empty())
    clocks_.insert_or_assign(from, std::move(c));
}

namespace {

/// `own` and all of `heard` together, but for one.
clock_map union_without(const clock_map& own, const std::map<replica_id, clock_map>& heard, const replica_id& without) {
  auto all = own;
  for (const auto& [from, clock] : heard)
    if (from != without)
      all = upper_bound(all, clock);
  return all;
}

}  // namespace

std::vector<replica_id> clock_set::take(const replica_id& self, const clock_map& own) {
  auto heard = std::exchange(clocks_, {});
  heard.erase(self);
  for (auto& [from, clock] : heard)
    clock = restricted(clock, own);
  std::erase_if(heard, [&](const auto& h) { return dominates(own, h.second); });
  // The least advanced go first, so that who knows all is asked rather than two who know a part each; and of equals who
  // has it by hearsay, as its author is alive more likely than they all are.
  std::vector<std::tuple<std::uint64_t, std::uint64_t, replica_id>> by_progress;
  auto ahead = [&](const clock_map& clock, const replica_id& r) {
    return std::max(counter_of(clock, r), counter_of(own, r)) - counter_of(own, r);
  };
  for (const auto& [from, clock] : heard) {
    std::uint64_t sum = 0;
    for (const auto& [r, counter] : clock)
      sum += ahead(clock, r);
    by_progress.emplace_back(sum, ahead(clock, from), from);
  }
  std::sort(by_progress.begin(), by_progress.end());
  for (const auto& [sum, of_its_own, from] : by_progress)
    if (dominates(union_without(own, heard, from), heard.at(from)))
      heard.erase(from);
  std::vector<replica_id> asked;
  asked.reserve(heard.size());
  for (const auto& [from, clock] : heard)
    asked.push_back(from);
  return asked;
}

}  // namespace beamline::presence
