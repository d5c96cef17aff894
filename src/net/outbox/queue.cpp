#include "net/outbox/queue.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace beamline::net::outbox {

namespace {

// What an entry costs beside its texts, about.
constexpr std::uint64_t entry_overhead_bytes = 96;

}  // namespace

std::uint64_t queue::octets_of(const event& e) {
  return e.payload.size() + e.key.size() + e.type.size() + entry_overhead_bytes;
}

void queue::load(std::vector<row> rows, time_point now, wall_time wall_now) {
  for (auto& r : rows) {
    next_place_ = std::max(next_place_, r.at + 1);
    if (r.dead) {
      ids_[r.what.id] = r.at;
      add_dead(std::move(r));
      continue;
    }
    entry e{.what = std::move(r.what), .merged = r.merged, .is_closed = true, .has_row = true};
    // The clock may have been set back since.
    e.born = now - std::max(duration{}, duration{wall_now - e.what.at});
    insert(r.at, std::move(e));
  }
}

// -- in ------------------------------------------------------------------------------------

queue::added queue::add(event e, ticket t, time_point now, how h) {
  if (auto known = ids_.find(e.id); known != ids_.end()) {
    auto i = waiting_.find(known->second);
    if (i == waiting_.end() || i->second.is_settled())
      return {outcome::known, e.id};
    (i->second.is_dirty ? i->second.waiting : i->second.flying_for).push_back(t);
    return {outcome::taken, e.id};
  }
  added out{outcome::taken, e.id};
  if (!h.is_closed && merge(e, t, h.at, out.id))
    return out;
  auto victims = make_room(octets_of(e));
  if (!victims)
    return {};
  auto p = h.at == 0 ? next_place_++ : h.at;
  assert(!waiting_.contains(p) && !dead_.contains(p));
  entry fresh{.what = std::move(e), .born = now, .is_closed = h.is_closed, .is_dirty = true};
  fresh.waiting.push_back(t);
  fresh.victims = std::move(*victims);
  if (!fresh.victims.empty()) {
    std::uint64_t freed = 0;
    for (auto v : fresh.victims)
      freed += octets_of(waiting_.at(v).what);
    fresh.spare_entries = fresh.victims.size() - 1;
    fresh.spare_octets = freed - std::min(freed, octets_of(fresh.what));
    spare_entries_ += fresh.spare_entries;
    spare_octets_ += fresh.spare_octets;
  }
  insert(p, std::move(fresh));
  dirty_.insert(p);
  return out;
}

/// Into the last one of its key, so that nothing is overtaken.
bool queue::merge(const event& e, ticket t, place reserved, uid& into) {
  const auto* c = classes_.find(e.type);
  auto key = keys_.find(e.key);
  if (c == nullptr || !c->coalesce || key == keys_.end() || (reserved != 0 && key->second.last > reserved))
    return false;
  auto i = waiting_.find(key->second.last);
  if (i == waiting_.end())
    return false;
  auto& w = i->second;
  if (w.is_closed || w.is_sealed || w.is_doomed || w.what.type != e.type || !are_in_one(c->within, w.what.id, e.id))
    return false;
  auto both = c->coalesce(w.what.payload, e.payload);
  if (!both || both->size() > payload_bytes_max
      || octets_ + spare_octets_ + reserved_octets_ - w.what.payload.size() + both->size() > limits_.bytes_max)
    return false;
  sort_out(i->first, w);
  octets_ -= octets_of(w.what);
  if (w.has_row && w.is_settled())
    w.kept = content{std::move(w.what.payload), w.merged};
  w.what.payload = std::move(*both);
  octets_ += octets_of(w.what);
  ++w.merged;
  w.is_dirty = true;
  w.waiting.push_back(t);
  dirty_.insert(i->first);
  into = w.what.id;
  return true;
}

std::optional<place> queue::reserve(const event& e) {
  if (!fits(octets_of(e), 0, 0))
    return std::nullopt;
  ++reserved_entries_;
  reserved_octets_ += octets_of(e);
  return next_place_++;
}

void queue::release(const event& e) {
  assert(reserved_entries_ > 0 && reserved_octets_ >= octets_of(e));
  --reserved_entries_;
  reserved_octets_ -= octets_of(e);
}

bool queue::fits(std::uint64_t octets, std::size_t without, std::uint64_t octets_without) const {
  return size() + spare_entries_ + reserved_entries_ - without < limits_.entries_max
      && octets_ + spare_octets_ + reserved_octets_ - octets_without + octets <= limits_.bytes_max;
}

/// Who has to go for an event of so many octets; nothing: there would be no room all the same.
std::optional<std::vector<place>> queue::make_room(std::uint64_t octets) {
  std::vector<place> victims;
  if (!fits(octets, droppable_.size(), droppable_octets_))
    return std::nullopt;
  while (!fits(octets, 0, 0)) {
    victims.push_back(*droppable_.begin());
    doom(victims.back());
  }
  return victims;
}

void queue::doom(place p) {
  auto& e = waiting_.at(p);
  sort_out(p, e);
  e.is_doomed = true;
  ++doomed_;
  octets_ -= octets_of(e.what);
}

/// It is known whether its victims stay.
void queue::release(entry& e) {
  spare_entries_ -= std::exchange(e.spare_entries, 0);
  spare_octets_ -= std::exchange(e.spare_octets, 0);
}

/// Its row may be gone: a commit that failed may be found done all the same.
void queue::spare(place p) {
  auto& e = waiting_.at(p);
  e.is_doomed = false;
  --doomed_;
  octets_ += octets_of(e.what);
  owed_.insert(p);
  sort_in(p, e);
}

queue::entry& queue::insert(place p, entry e) {
  ids_[e.what.id] = p;
  octets_ += octets_of(e.what);
  auto& key = keys_[e.what.key];
  ++key.count;
  key.last = std::max(key.last, p);
  auto& in = waiting_.emplace(p, std::move(e)).first->second;
  sort_in(p, in);
  return in;
}

void queue::erase(entries::iterator i) {
  auto& [p, e] = *i;
  sort_out(p, e);
  ids_.erase(e.what.id);
  if (e.is_doomed)
    --doomed_;
  else
    octets_ -= octets_of(e.what);
  auto key = keys_.find(e.what.key);
  if (--key->second.count == 0)
    keys_.erase(key);
  else if (key->second.last == p)
    key->second.last = 0;  // Of those that are left none is the last that came.
  dirty_.erase(p);
  owed_.erase(p);
  sealed_.erase(p);
  waiting_.erase(i);
}

bool queue::is_droppable(const entry& e) const {
  if (e.is_sealed || e.is_doomed || !e.has_row || !e.is_settled())
    return false;
  const auto* c = classes_.find(e.what.type);
  return c != nullptr && c->when_full == overflow::drop_oldest;
}

void queue::sort_in(place p, const entry& e) {
  if (is_droppable(e) && droppable_.insert(p).second)
    droppable_octets_ += octets_of(e.what);
}

void queue::sort_out(place p, const entry& e) {
  if (droppable_.erase(p) != 0)
    droppable_octets_ -= octets_of(e.what);
}

// -- out -----------------------------------------------------------------------------------

std::vector<place> queue::seal(const batch_limits& l, const std::function<bool(std::string_view)>& is_blocked,
                               time_point now, wall_time wall_now) {
  assert(sealed_.empty());
  std::vector<place> out;
  std::uint64_t octets = 0;
  for (auto i = waiting_.begin(); i != waiting_.end() && out.size() < l.events_max;) {
    auto here = i++;
    auto& e = here->second;
    if (!e.is_settled() || e.is_doomed) {
      e.is_closed = true;  // Or a flood of events to be merged would keep it here for ever.
      break;
    }
    if (is_blocked(e.what.key))
      break;
    if (now - e.born > l.age_max) {
      bury(here, "too old: the target may have forgotten by now whether it applied it", wall_now);
      continue;
    }
    octets += octets_of(e.what);
    if (!out.empty() && octets > l.bytes_max)
      break;
    sort_out(here->first, e);
    e.is_sealed = e.is_closed = true;
    sealed_.insert(here->first);
    out.push_back(here->first);
  }
  return out;
}

void queue::applied(place p) {
  auto i = waiting_.find(p);
  assert(i != waiting_.end() && i->second.is_sealed);
  drops_.insert(p);
  erase(i);
}

void queue::reject(place p, std::string why, wall_time wall_now) {
  auto i = waiting_.find(p);
  assert(i != waiting_.end() && i->second.is_sealed);
  bury(i, std::move(why), wall_now);
}

void queue::unseal() {
  for (auto p : std::exchange(sealed_, {})) {
    auto& e = waiting_.at(p);
    e.is_sealed = false;
    sort_in(p, e);
  }
}

// -- dead letters --------------------------------------------------------------------------

void queue::bury(entries::iterator i, std::string why, wall_time wall_now) {
  row r{.at = i->first, .what = i->second.what, .merged = i->second.merged, .dead = burial{std::move(why), wall_now}};
  erase(i);
  ids_[r.what.id] = r.at;
  dead_dirty_.insert(r.at);
  add_dead(std::move(r));
}

void queue::add_dead(row r) {
  dead_octets_ += octets_of(r.what);
  auto p = r.at;
  dead_.emplace(p, std::move(r));
  while (dead_.size() > limits_.dead_max || dead_octets_ > limits_.dead_bytes_max) {
    auto oldest = dead_.begin();
    evicted_.push_back(oldest->second);
    ids_.erase(oldest->second.what.id);
    remove_dead(oldest);
  }
}

void queue::remove_dead(std::map<place, row>::iterator i) {
  dead_octets_ -= octets_of(i->second.what);
  dead_dirty_.erase(i->first);
  dead_.erase(i);
}

bool queue::retry(const uid& id, time_point now) {
  auto known = ids_.find(id);
  auto i = known == ids_.end() ? dead_.end() : dead_.find(known->second);
  if (i == dead_.end() || !fits(octets_of(i->second.what), 0, 0))
    return false;
  auto r = i->second;
  remove_dead(i);
  owed_.insert(r.at);
  insert(r.at, {.what = std::move(r.what), .merged = r.merged, .born = now, .is_closed = true, .has_row = true});
  return true;
}

bool queue::discard(const uid& id) {
  auto known = ids_.find(id);
  auto i = known == ids_.end() ? dead_.end() : dead_.find(known->second);
  if (i == dead_.end())
    return false;
  drops_.insert(i->first);
  ids_.erase(known);
  remove_dead(i);
  return true;
}

std::vector<row> queue::take_evicted() { return std::exchange(evicted_, {}); }

// -- what there is -------------------------------------------------------------------------

std::optional<time_point> queue::oldest() const {
  if (waiting_.empty())
    return std::nullopt;
  return waiting_.begin()->second.born;
}

void queue::look(std::size_t count, time_point now, const std::function<void(const view&)>& each) const {
  for (const auto& [p, e] : waiting_) {
    if (count-- == 0)
      return;
    each({e.what, e.merged, now - e.born,
          e.is_sealed      ? "sent"
          : e.is_doomed    ? "being dropped"
          : e.is_settled() ? "waiting"
                           : "being written"});
  }
}

std::vector<row> queue::all_kept() const {
  std::vector<row> out;
  for (const auto& [p, e] : waiting_) {
    if (!e.has_row)
      continue;
    row r{.at = p, .what = e.what, .merged = e.merged};
    if (e.kept) {
      r.what.payload = e.kept->payload;
      r.merged = e.kept->merged;
    }
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace beamline::net::outbox
