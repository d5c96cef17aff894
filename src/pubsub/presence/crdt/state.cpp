#include "pubsub/presence/crdt/state.hpp"

#include "base/planted.hpp"

#include <tuple>
#include <utility>

namespace beamline::presence {

namespace {

using actor_order = std::tuple<std::uint64_t, std::string_view, std::string_view>;

actor_order order_of(const held_entry& e) { return {e.actor, *e.topic, e.key}; }
actor_order order_of(const entry_key& k) { return {k.actor, k.topic, k.key}; }

}  // namespace

bool state::by_actor::operator()(const held_entry* a, const held_entry* b) const { return order_of(*a) < order_of(*b); }
bool state::by_actor::operator()(const held_entry* a, const entry_key& b) const { return order_of(*a) < order_of(b); }
bool state::by_actor::operator()(const entry_key& a, const held_entry* b) const { return order_of(a) < order_of(*b); }

state::state(replica_id self) : self_{std::make_shared<const replica_id>(std::move(self))} {
  replicas_.emplace(*self_, replica{self_});
  reset_changes();
}

// -- own entries --------------------------------------------------------------------------------------

diff state::join(const entry_key& who, meta_text meta) {
  slot_changes step;
  if (auto at = own_entries_.find(who); at != own_entries_.end())
    remove_own(**at, step);
  auto topic = index_.name_of(who.topic);
  auto e = std::make_shared<held_entry>();
  e->owner = self_;
  e->topic = topic ? std::move(topic) : std::make_shared<const std::string>(who.topic);
  e->meta = meta ? std::move(meta) : std::make_shared<const std::string>();
  e->key = who.key;
  e->actor = who.actor;
  e->counter = bump();
  changes_.values[*self_].emplace(e->counter, e);
  own_entries_.insert(e.get());
  insert(own(), std::move(e), step);
  return told(step);
}

diff state::leave(const entry_key& who) {
  slot_changes step;
  if (auto at = own_entries_.find(who); at != own_entries_.end())
    remove_own(**at, step);
  return told(step);
}

diff state::leave_actor(std::uint64_t actor) {
  slot_changes step;
  for (auto at = own_entries_.lower_bound(actor); at != own_entries_.end() && (*at)->actor == actor;
       at = own_entries_.lower_bound(actor))
    remove_own(**at, step);
  return told(step);
}

std::optional<tracked> state::find_own(const entry_key& who) const {
  auto at = own_entries_.find(who);
  if (at == own_entries_.end())
    return std::nullopt;
  return as_tracked(**at);
}

std::vector<entry_key> state::of_actor(std::uint64_t actor) const {
  std::vector<entry_key> keys;
  auto [first, last] = own_entries_.equal_range(actor);
  for (auto at = first; at != last; ++at)
    keys.push_back({*(*at)->topic, actor, (*at)->key});
  return keys;
}

/// The next counter, noted as seen here and as news for the others.
std::uint64_t state::bump() {
  auto counter = ++own().context;
  changes_.cloud[*self_].insert(counter);
  changes_.end[*self_] = counter;
  return counter;
}

/// Its dot without its value is what tells the others (D140); the bump makes the clock show that there is news.
void state::remove_own(const held_entry& e, slot_changes& step) {
  auto counter = e.counter;
  own_entries_.erase(&e);
  if (auto news = changes_.values.find(*self_); news != changes_.values.end()) {
    news->second.erase(counter);
    if (news->second.empty())
      changes_.values.erase(news);
  }
  changes_.cloud[*self_].insert(counter);
  (void)erase(own(), own().held.find(counter), step);
  (void)bump();
}

void state::reset_changes() {
  clock_map now{{*self_, own().context}};
  changes_ = {.start = now, .end = now};
}

// -- entries ------------------------------------------------------------------------------------------

state::replica* state::find_other(const replica_id& r) {
  auto at = replicas_.find(r);
  return at == replicas_.end() || r == *self_ ? nullptr : &at->second;
}

const state::replica* state::find(const replica_id& r) const {
  auto at = replicas_.find(r);
  return at == replicas_.end() ? nullptr : &at->second;
}

void state::insert(replica& r, entry_ptr e, slot_changes& step) {
  step.note(index_, *e);
  index_.insert(*e);
  r.digest += digest_of(*e);
  ++size_;
  auto counter = e->counter;
  r.held.emplace_hint(r.held.end(), counter, std::move(e));
}

entry_map::iterator state::erase(replica& r, entry_map::iterator at, slot_changes& step) {
  const auto& e = *at->second;
  step.note(index_, e);
  step.keep(at->second);
  index_.erase(e);
  r.digest -= digest_of(e);
  --size_;
  return r.held.erase(at);
}

entry_ptr state::adopted(const replica& r, const entry_ptr& e) const {
  auto topic = index_.name_of(*e->topic);
  if (e->owner == r.id && (!topic || topic == e->topic))
    return e;
  auto own_copy = std::make_shared<held_entry>(*e);
  own_copy->owner = r.id;
  if (topic)
    own_copy->topic = std::move(topic);
  return own_copy;
}

diff state::told(const slot_changes& step, diff* hidden) const {
  diff d;
  for (const auto& [before, after] : step.against(index_)) {
    const auto& either = before != nullptr ? *before : *after;
    const auto* r = find(*either.owner);
    auto* to = r->is_up || planted::is_on(planted::bug::hidden_told) ? &d : hidden;
    if (to == nullptr)
      continue;
    auto& of_topic = (*to)[*either.topic];
    if (before != nullptr)
      of_topic.leaves.push_back(as_tracked(*before));
    if (after != nullptr)
      of_topic.joins.push_back(as_tracked(*after));
  }
  return d;
}

}  // namespace beamline::presence
