#include "pubsub/presence/tracker/diff_sum.hpp"

#include <utility>

namespace beamline::presence {

diff_sum::change& diff_sum::at(const tracked& t) {
  return changes_[t.key.topic][{t.key.key, t.key.actor, t.at.replica.name}];
}

void diff_sum::leave(const tracked& t) {
  auto& c = at(t);
  if (c.after)
    c.after.reset();
  else if (!c.before)
    c.before = t;
}

void diff_sum::join(const tracked& t) { at(t).after = t; }

void diff_sum::add(const diff& d) {
  for (const auto& [topic, changed] : d) {
    for (const auto& t : changed.leaves)
      leave(t);
    for (const auto& t : changed.joins)
      join(t);
  }
}

diff_sum::changes diff_sum::take() { return std::exchange(changes_, {}); }

diff visible(const diff_sum::changes& c) {
  diff d;
  for (const auto& [topic, entries] : c)
    for (const auto& [who, change] : entries) {
      if (change.before && change.after && *change.before->meta == *change.after->meta)
        continue;
      if (!change.before && !change.after)
        continue;
      auto& told = d[topic];
      if (change.before)
        told.leaves.push_back(*change.before);
      if (change.after)
        told.joins.push_back(*change.after);
    }
  return d;
}

}  // namespace beamline::presence
