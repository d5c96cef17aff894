#include "pubsub/presence/crdt/entry_index.hpp"

#include <compare>
#include <utility>

namespace beamline::presence {

namespace {

const replica_id no_replica{};  // Before all others.

std::strong_ordering compared(const replica_id* a, const replica_id* b) {
  return a == b ? std::strong_ordering::equal : *a <=> *b;
}

std::strong_ordering compared_slots(const entry_index::slot& a, const entry_index::slot& b) {
  if (auto by_key = a.key.compare(b.key); by_key != 0)
    return by_key <=> 0;
  if (a.actor != b.actor)
    return a.actor <=> b.actor;
  return compared(a.owner, b.owner);
}

}  // namespace

bool entry_index::by_slot::is_less(const slot& a, const slot& b) { return compared_slots(a, b) < 0; }

void entry_index::insert(const held_entry& e) {
  auto at = topics_.find(*e.topic);
  if (at == topics_.end())
    at = topics_.emplace(*e.topic, topic_entries{e.topic, {}}).first;
  at->second.entries.insert(&e);
}

void entry_index::erase(const held_entry& e) {
  auto at = topics_.find(*e.topic);
  at->second.entries.erase(&e);
  if (at->second.entries.empty())
    topics_.erase(at);
}

const held_entry* entry_index::find(const held_entry& like) const {
  const auto& entries = in(*like.topic);
  auto at = entries.find(&like);
  return at == entries.end() ? nullptr : *at;
}

const entry_index::entry_set& entry_index::in(std::string_view topic) const {
  static const entry_set none;
  auto at = topics_.find(topic);
  return at == topics_.end() ? none : at->second.entries;
}

std::vector<const held_entry*> entry_index::under(std::string_view topic, std::string_view key) const {
  std::vector<const held_entry*> found;
  const auto& entries = in(topic);
  for (auto e = entries.lower_bound(slot{key, 0, &no_replica}); e != entries.end() && (*e)->key == key; ++e)
    found.push_back(*e);
  return found;
}

std::shared_ptr<const std::string> entry_index::name_of(std::string_view topic) const {
  auto at = topics_.find(topic);
  return at == topics_.end() ? nullptr : at->second.name;
}

std::vector<std::string> entry_index::topics() const {
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, entries] : topics_)
    names.emplace_back(name);
  return names;
}

bool slot_changes::by_topic_and_slot::operator()(const held_entry* a, const held_entry* b) const {
  if (a->topic != b->topic)
    if (auto by_topic = a->topic->compare(*b->topic); by_topic != 0)
      return by_topic < 0;
  return compared_slots(entry_index::by_slot::slot_of(*a), entry_index::by_slot::slot_of(*b)) < 0;
}

std::vector<slot_changes::change> slot_changes::against(const entry_index& index) const {
  std::vector<change> changed;
  for (const auto& [like, before] : before_) {
    const auto* after = index.find(*like);
    // The same dot with other content is a change, too: `state::replace` finds those.
    if (before != after && (before == nullptr || after == nullptr || !(*before == *after)))
      changed.push_back({before, after});
  }
  return changed;
}

}  // namespace beamline::presence
