#include "pubsub/presence/crdt/generations.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace beamline::presence {

generations::generations(std::vector<std::size_t> sizes_max)
    : sizes_max_{std::move(sizes_max)}, slots_(sizes_max_.size()) {
  for (std::size_t i = 1; i < sizes_max_.size(); ++i)
    if (sizes_max_[i] <= sizes_max_[i - 1])
      throw std::invalid_argument{"sizes of generations of deltas: " + std::to_string(sizes_max_[i]) + " follows "
                                  + std::to_string(sizes_max_[i - 1]) + "; each must be greater than the one before"};
}

void generations::push(const delta& d) {
  if (d.is_whole)
    return clear();
  if (d.empty())
    return;
  const std::optional<delta>* smaller = nullptr;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[i];
    auto fits = d.size() <= sizes_max_[i];
    auto is_empty = !slot.has_value();
    if (!is_empty && are_contiguous(*slot, d)) {
      if (fits)
        absorb(*slot, d);
      if (!fits || slot->size() > sizes_max_[i]) {
        slot = smaller != nullptr ? *smaller : std::nullopt;
        is_empty = !slot.has_value();
      }
    }
    if (is_empty && fits)
      slot = d;
    smaller = &slot;
  }
}

void generations::push(const delta& d, const clock_map& known) {
  auto is_known = [&](const auto& end) { return known.contains(end.first); };
  if (std::all_of(d.end.begin(), d.end.end(), is_known))
    return push(d);
  auto part = d;
  for (const auto& [r, end] : d.end)
    if (!known.contains(r))
      part.remove_replica(r);
  push(part);
}

void generations::clear() {
  for (auto& slot : slots_)
    slot.reset();
}

void generations::remove_replica(const replica_id& r) {
  for (auto& slot : slots_)
    if (slot) {
      slot->remove_replica(r);
      if (slot->empty())
        slot.reset();
    }
}

namespace {

/// It follows what was seen without a gap, for every replica that both know, has news of one of them, and leaves
/// nothing out that `own` has.
bool helps(const delta& d, const replica_id& for_whom, const clock_map& clock, const clock_map& own) {
  auto has_news = false;
  for (const auto& [r, seen] : clock) {
    auto end = d.end.find(r);
    if (r == for_whom)
      continue;
    if (end != d.end.end() && counter_of(d.start, r) > seen)
      return false;
    auto reached = std::max(seen, counter_of(d.end, r));
    if (counter_of(own, r) > reached)
      return false;
    has_news = has_news || reached > seen;
  }
  return has_news;
}

}  // namespace

std::optional<delta> generations::extract(const replica_id& for_whom, const clock_map& clock,
                                          const clock_map& own) const {
  for (const auto& slot : slots_) {
    if (!slot || !helps(*slot, for_whom, clock, own))
      continue;
    auto part = *slot;
    for (const auto& [r, end] : slot->end)
      if (r == for_whom || !clock.contains(r))
        part.remove_replica(r);
    return part;
  }
  return std::nullopt;
}

}  // namespace beamline::presence
