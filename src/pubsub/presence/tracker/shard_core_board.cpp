#include "pubsub/presence/tracker/shard_core.hpp"

#include <charconv>
#include <utility>

// What others read without asking the shard. Every step notes which entries it touched, and ends by making the board
// have of them what the state has: so what is done to the board is as much as what has changed.

namespace beamline::presence {

std::uint64_t shard_core::weight_of(const tracked& t) const {
  if (options_.tracker.mode == tracker_mode::members)
    return 1;
  std::uint64_t n = 0;
  std::from_chars(t.meta->data(), t.meta->data() + t.meta->size(), n);
  return n;
}

/// Hidden unless its replica is up.
board_entry shard_core::as_board_entry(const tracked& t) {
  auto is_shown = t.at.replica == options_.self || state_.is_up(t.at.replica);
  // Of one that is forgotten only the place is asked for.
  if (!state_.is_known(t.at.replica))
    return {t.key.key, std::make_shared<const replica_id>(t.at.replica), t.at.counter, t.key.actor, t.meta, true};
  auto& owner = owners_[t.at.replica];
  if (owner == nullptr)
    owner = std::make_shared<const replica_id>(t.at.replica);
  return {t.key.key, owner, t.at.counter, t.key.actor, t.meta, !is_shown};
}

void shard_core::touch(const tracked& t) {
  // In mode `count` the board has the members of this node, not how many they are.
  if (options_.tracker.mode == tracker_mode::members || t.at.replica != options_.self)
    touched_[t.key.topic].try_emplace(t.at, t.key);
}

void shard_core::touch(const diff& d) {
  for (const auto& [topic, changed] : d)
    for (const auto* some : {&changed.leaves, &changed.joins})
      for (const auto& t : *some)
        touch(t);
}

void shard_core::add_touched(topic_board::topic_update& u, const dot& at, const entry_key& who) {
  if (auto t = state_.find(at))
    u.there.push_back(as_board_entry(*t));
  else
    u.gone.push_back(as_board_entry({who, nullptr, at}));
}

void shard_core::rebuild(const std::string& topic) {
  topic_board::topic_update u;
  u.is_all = true;
  auto is_count = options_.tracker.mode == tracker_mode::count;
  for (const auto& t : state_.all(topic)) {
    if (is_count && t.at.replica == options_.self)
      continue;
    u.there.push_back(as_board_entry(t));
    if (!u.there.back().is_hidden)
      u.count += weight_of(t);
  }
  if (is_count)
    for (const auto& r : memory_->own.of_topic(topic)) {
      u.there.push_back(as_board_entry({r.who, r.meta, {options_.self, r.who.actor}}));
      ++u.count;
    }
  write(topic, u);
}

void shard_core::write(const std::string& topic, const topic_board::topic_update& u) {
  counters_.board_writes += u.gone.size() + u.there.size();
  memory_->board.write(options_.self.version, topic, u);
}

// The end of every step: the board first, so that who is told of a change finds it there.
void shard_core::publish() {
  auto changes = sum_.take();
  auto updates = std::exchange(updates_, {});
  for (const auto& [topic, entries] : changes)
    for (const auto& [who, c] : entries)
      for (const auto* side : {&c.before, &c.after})
        if (*side) {
          auto weight = static_cast<std::int64_t>(weight_of(**side));
          updates[topic].count_change += side == &c.before ? -weight : weight;
          touch(**side);
        }
  for (const auto& [topic, entries] : std::exchange(touched_, {}))
    for (const auto& [at, who] : entries)
      add_touched(updates[topic], at, who);
  auto rebuilds = std::exchange(rebuilds_, {});
  for (const auto& [topic, u] : updates)
    if (!rebuilds.contains(topic))
      write(topic, u);
  for (const auto& topic : rebuilds)
    rebuild(topic);
  if (std::exchange(is_clock_due_, false))
    memory_->board.write_clock(options_.self.version, state_.clocks());
  if (std::exchange(are_runs_due_, false))
    memory_->runs.write(options_.self.version, replicas_.newest_runs());
  if (auto d = visible(changes); !d.empty()) {
    ++counters_.diffs;
    port_.changed(d);
  }
}

}  // namespace beamline::presence
