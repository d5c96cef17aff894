#include "pubsub/presence/crdt/dots.hpp"

#include <algorithm>
#include <iterator>

namespace beamline::presence {

namespace {

std::size_t length_of(std::uint64_t first, std::uint64_t last) { return static_cast<std::size_t>(last - first) + 1; }

}  // namespace

void dot_set::insert(std::uint64_t first, std::uint64_t last) {
  // The first run that the new one touches: the one before it, if there is no gap between them.
  auto at = runs_.upper_bound(first);
  if (at != runs_.begin()) {
    auto before = std::prev(at);
    if (before->second >= last)
      return;
    if (before->second + 1 >= first)
      at = before;
  }
  while (at != runs_.end() && (at->first <= last || at->first - 1 == last)) {
    first = std::min(first, at->first);
    last = std::max(last, at->second);
    size_ -= length_of(at->first, at->second);
    at = runs_.erase(at);
  }
  runs_.emplace_hint(at, first, last);
  size_ += length_of(first, last);
}

void dot_set::insert(const dot_set& other) {
  for (const auto& [first, last] : other.runs_)
    insert(first, last);
}

void dot_set::erase_upto(std::uint64_t counter) {
  while (!runs_.empty() && runs_.begin()->first <= counter) {
    auto [first, last] = *runs_.begin();
    runs_.erase(runs_.begin());
    size_ -= length_of(first, last);
    if (last > counter)
      return insert(counter + 1, last);
  }
}

void dot_set::clear() {
  runs_.clear();
  size_ = 0;
}

bool dot_set::contains(std::uint64_t counter) const { return contains(counter, counter); }

bool dot_set::contains(std::uint64_t first, std::uint64_t last) const {
  auto after = runs_.upper_bound(first);
  return after != runs_.begin() && std::prev(after)->second >= last;
}

}  // namespace beamline::presence
