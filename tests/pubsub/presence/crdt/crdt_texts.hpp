#pragma once

// Short names and readable texts for the tests of the presence CRDT.

#include "pubsub/presence/crdt/generations.hpp"
#include "pubsub/presence/crdt/state.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beamline::presence::test {

inline replica_id replica(std::string name, std::uint64_t version = 1) { return {std::move(name), version}; }
inline entry_key key(std::string topic, std::string who, std::uint64_t actor = 1) {
  return {std::move(topic), actor, std::move(who)};
}
inline meta_text meta(std::string text = "{}") { return std::make_shared<const std::string>(std::move(text)); }

/// "lobby: +alice{} -bob{}; room: +carol{}", joins before leaves, in the order told.
inline std::string text(const diff& d) {
  std::string all;
  for (const auto& [topic, changes] : d) {
    all += (all.empty() ? "" : "; ") + topic + ":";
    for (const auto& t : changes.joins)
      all += " +" + t.key.key + *t.meta;
    for (const auto& t : changes.leaves)
      all += " -" + t.key.key + *t.meta;
  }
  return all;
}
/// "alice{} bob{}".
inline std::string text(const std::vector<tracked>& list) {
  std::string all;
  for (const auto& t : list)
    all += (all.empty() ? "" : " ") + t.key.key + *t.meta;
  return all;
}
/// "a:1-3,5 b:2", the dots of a delta.
inline std::string dots_text(const delta& d) {
  std::string all;
  for (const auto& [r, dots] : d.cloud) {
    all += (all.empty() ? "" : " ") + r.name + ":";
    auto separator = "";
    for (auto [first, last] : dots.runs()) {
      all += separator + std::to_string(first) + (first == last ? "" : "-" + std::to_string(last));
      separator = ",";
    }
  }
  return all;
}
/// "a1=alice b2=bob", the entries of a delta.
inline std::string values_text(const delta& d) {
  std::string all;
  for (const auto& [r, values] : d.values)
    for (const auto& [counter, e] : values)
      all += (all.empty() ? "" : " ") + r.name + std::to_string(counter) + "=" + e->key;
  return all;
}

/// Everything a state holds of everybody, hidden or not; equal for states that hold the same.
inline delta all_of(const state& s) { return s.extract({}, s.context()); }

/// Changes since the last time.
inline delta taken_changes(state& s) {
  auto d = s.changes();
  s.reset_changes();
  return d;
}

/// States that have met.
template <class... States>
void meet(States&... states) {
  state* all[] = {&states...};
  for (auto* s : all)
    for (auto* other : all)
      if (s != other)
        (void)s->replica_up(other->self());
}

/// The whole of `from`, merged into `into`, as a transfer would.
inline diff transfer(state& into, const state& from) { return into.merge(from.extract(into.self(), into.clocks())); }

}  // namespace beamline::presence::test
