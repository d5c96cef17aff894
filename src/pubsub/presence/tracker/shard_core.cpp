#include "pubsub/presence/tracker/shard_core.hpp"

#include "base/json.hpp"
#include "base/random.hpp"
#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/topic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace beamline::presence {

namespace {

/// As they were tracked, by key.
void sort_as_tracked(std::vector<tracked>& all) {
  std::sort(all.begin(), all.end(), [](const tracked& a, const tracked& b) {
    return std::tie(a.key.key, a.at.replica, a.at.counter) < std::tie(b.key.key, b.at.replica, b.at.counter);
  });
}

/// In mode `count` an entry stands for all of a replica in a topic; its meta is how many.
entry_key count_key(const std::string& topic) { return {topic, 0, {}}; }

meta_text count_meta(std::uint64_t n) { return std::make_shared<const std::string>(std::to_string(n)); }

track_answer refusal(track_answer::kind what, std::string detail) { return {what, {}, std::move(detail)}; }

}  // namespace

shard_core::shard_core(options o, std::shared_ptr<shard_memory> memory, random_source& random, shard_port& port,
                       time_point now)
    : options_{std::move(o)},
      memory_{std::move(memory)},
      port_{port},
      refs_{random, options_.self},
      state_{options_.self},
      generations_{options_.tracker.delta_sizes_max},
      replicas_{{options_.tracker.down_period, options_.tracker.permdown_period}},
      wanted_{mix64(options_.self.version)},
      beat_due_{now + options_.first_beat} {
  memory_->claim(options_.self.version);
}

void shard_core::start(const std::vector<peer_info>& linked, time_point now) {
  adopt(now);
  for (const auto& p : linked)
    node_up(p, now);
  // Those that are away now were so before: their time runs from here.
  if (auto grace = options_.tracker.nodedown_grace)
    for (const auto& r : replicas_.all())
      if (!peers_.contains(r.id.name))
        replicas_.link_lost(r.id.name, now + *grace);
}

// What the run before has published is where this one goes on from: of others as what they had at that clock, of this
// node as what was there before all is tracked again.
void shard_core::adopt(time_point now) {
  delta seen{.is_whole = true};
  for (const auto& [r, counter] : memory_->board.clock())
    if (r.name != options_.self.name)
      seen.end.emplace(r, counter);
  for (const auto& topic : memory_->board.topics()) {
    rebuilds_.insert(topic);
    auto name = std::make_shared<const std::string>(topic);
    std::uint64_t members = 0;
    memory_->board.read(topic).for_each([&](const board_entry& e) {
      if (seen.has_seen(*e.owner, e.counter)) {
        seen.values[*e.owner].emplace(e.counter, std::make_shared<const held_entry>(
                                                     held_entry{e.owner, name, e.meta, e.key, e.actor, e.counter}));
      } else if (e.owner->name == options_.self.name) {
        ++members;
        if (options_.tracker.mode == tracker_mode::members)
          sum_.leave({{topic, e.actor, e.key}, e.meta, {*e.owner, e.counter}});
      }
    });
    if (options_.tracker.mode == tracker_mode::count && members > 0)
      told_counts_[topic] = members;
  }
  for (const auto& [r, counter] : seen.end) {
    (void)replicas_.heard(r, now);
    (void)state_.replica_up(r);  // It has nothing yet.
  }
  (void)state_.merge(seen);  // Published already.
  for (const auto& newest : memory_->runs.read())
    resume(newest, now);
  for (const auto& r : memory_->own.all()) {
    if (options_.tracker.mode == tracker_mode::members)
      sum_.add(state_.join(r.who, r.meta));
    else
      count_changed(r.who.topic);
    rebuilds_.insert(r.who.topic);
  }
  for (auto told = told_counts_; const auto& [topic, n] : told)
    count_changed(topic);
  publish();
  // Whoever is greeted shall ask for all of it at once, and not see it grow from nothing.
  flush_counts();
  generations_.push(state_.changes());
  state_.reset_changes();
}

// -- api calls ------------------------------------------------------------------------------------------

std::string shard_core::name_of(const std::string& topic, const std::string& key, const pid& who) const {
  return (who ? to_string(who) : std::string{"nobody"}) + " in \"" + topic + "\" as \"" + key + "\"";
}

std::optional<track_answer> shard_core::objection_to(const std::string& topic, const std::string& key,
                                                     const pid& who) const {
  using kind = track_answer::kind;
  if (topic.empty() || topic.size() > pubsub::topic_octets_max)
    return refusal(kind::invalid, "a topic has 1 to " + std::to_string(pubsub::topic_octets_max)
                                      + " octets, this one has " + std::to_string(topic.size()));
  if (key.empty() || key.size() > presence_key_octets_max)
    return refusal(kind::invalid, "a key has 1 to " + std::to_string(presence_key_octets_max)
                                      + " octets, this one in \"" + topic + "\" has " + std::to_string(key.size()));
  if (!who || who.is_named())
    return refusal(kind::invalid, name_of(topic, key, who) + ": who is tracked is a process by its id");
  if (!who.is_on(*options_.node))
    return refusal(kind::not_owner, name_of(topic, key, who) + " is no process of " + options_.node->name
                                        + "; let its own node track it");
  if (has_left_)
    return refusal(kind::invalid, "the tracker " + options_.tracker.name + " of " + options_.node->name
                                      + " has said goodbye and tracks nobody any more");
  return std::nullopt;
}

track_answer shard_core::handle(const presence::track& m) {
  if (auto wrong = objection_to(m.topic, m.key, m.who))
    return *wrong;
  auto who = entry_key{m.topic, m.who.id(), m.key};
  if (memory_->own.find(who) != nullptr)
    return refusal(track_answer::kind::already_tracked,
                   name_of(m.topic, m.key, m.who) + " is tracked already; update it, or take another key");
  if (memory_->own.size() >= options_.tracker.entries_max)
    return refusal(track_answer::kind::system_limit,
                   name_of(m.topic, m.key, m.who) + " would be one more than the "
                       + std::to_string(options_.tracker.entries_max)
                       + " that a shard tracks on one node; raise entries_max or use more shards");
  auto meta = m.meta;
  if (meta.is_object())
    meta.erase("phx_ref_prev");
  return put(who, std::move(meta), refs_.next());
}

track_answer shard_core::handle(const presence::update& m) {
  if (auto wrong = objection_to(m.topic, m.key, m.who))
    return *wrong;
  auto who = entry_key{m.topic, m.who.id(), m.key};
  auto old = memory_->own.find(who);
  if (old == nullptr)
    return refusal(track_answer::kind::nopresence, name_of(m.topic, m.key, m.who) + " is not tracked; track it first");
  if (!m.change)
    return refusal(track_answer::kind::invalid, name_of(m.topic, m.key, m.who) + ": the update has no function");
  auto before = parse_json(*old).value();  // It was written here.
  auto old_ref = before.value("phx_ref", std::string{});
  json meta;
  try {
    meta = m.change(before);
  } catch (const std::exception& e) {
    port_.callback_failed("update.change", e.what());
    return refusal(track_answer::kind::invalid, name_of(m.topic, m.key, m.who) + ": the change threw " + e.what());
  } catch (...) {
    port_.callback_failed("update.change", "something that is no std::exception");
    return refusal(track_answer::kind::invalid, name_of(m.topic, m.key, m.who) + ": the change threw");
  }
  if (meta.is_object())
    meta["phx_ref_prev"] = old_ref;
  return put(who, std::move(meta), refs_.next());
}

track_answer shard_core::put(const entry_key& who, json meta, std::string ref) {
  auto name = name_of(who.topic, who.key, pid{options_.node, who.actor});
  if (!meta.is_object())
    return refusal(track_answer::kind::invalid, name + ": a meta is a JSON object, this one is " + meta.type_name());
  meta["phx_ref"] = ref;
  auto text = std::make_shared<const std::string>(dump_json(meta));
  if (text->size() > meta_octets_max + meta_refs_octets)
    return refusal(track_answer::kind::system_limit, name + ": a meta has at most " + std::to_string(meta_octets_max)
                                                         + " octets of JSON, this one has "
                                                         + std::to_string(text->size()));
  // Whoever is told of it must be able to read it, and an update reads it here.
  if (auto readable = parse_json(*text); !readable)
    return refusal(track_answer::kind::invalid, name + ": its meta cannot be read back: " + readable.error().message);
  auto before = memory_->own.find(who);
  memory_->own.put(options_.self.version, who, text);
  if (options_.tracker.mode == tracker_mode::members)
    sum_.add(state_.join(who, text));
  else
    member_changed(who, before, text);
  publish();
  return {track_answer::kind::ok, std::move(ref)};
}

void shard_core::handle(const presence::untrack& m) {
  if (!m.who || m.who.is_named() || !m.who.is_on(*options_.node))
    return;
  erase({m.topic, m.who.id(), m.key});
  publish();
}

void shard_core::forget_actor(std::uint64_t actor) {
  for (const auto& who : memory_->own.of_actor(actor))
    erase(who);
  publish();
}

void shard_core::erase(const entry_key& who) {
  auto before = memory_->own.find(who);
  if (!memory_->own.erase(options_.self.version, who))
    return;
  if (options_.tracker.mode == tracker_mode::members)
    sum_.add(state_.leave(who));
  else
    member_changed(who, before, nullptr);
}

listing shard_core::list(const std::string& topic) const {
  listing found;
  if (options_.tracker.mode == tracker_mode::members) {
    found.entries = state_.online(topic);
    sort_as_tracked(found.entries);
  } else {
    for (auto& r : memory_->own.of_topic(topic))
      found.entries.push_back({r.who, r.meta, {options_.self, r.order}});
  }
  return found;
}

listing shard_core::by_key(const std::string& topic, const std::string& key) const {
  listing found;
  if (options_.tracker.mode == tracker_mode::members) {
    found.entries = state_.by_key(topic, key);
    sort_as_tracked(found.entries);
  } else {
    found = list(topic);
    std::erase_if(found.entries, [&](const tracked& t) { return t.key.key != key; });
  }
  return found;
}

shard_status shard_core::status() const {
  shard_status s;
  s.self = options_.self;
  s.own = memory_->own.size();
  s.entries = state_.size();
  s.clouds = state_.cloud_size();
  s.clocks = state_.context();
  s.counters = counters_;
  for (const auto& r : replicas_.all())
    s.replicas.push_back({r.id, r.status == replica_status::up, meetings_.contains(r.id.name)});
  return s;
}

// -- mode count -------------------------------------------------------------------------------------------

// Others are told numbers only; who it is stays on this node's board.
void shard_core::member_changed(const entry_key& who, const meta_text& before, const meta_text& after) {
  auto& u = updates_[who.topic];
  auto self = as_board_entry({who, nullptr, {options_.self, who.actor}});
  if (before != nullptr)
    u.gone.push_back(self);
  if (after != nullptr) {
    self.meta = after;
    u.there.push_back(std::move(self));
  }
  if ((before == nullptr) != (after == nullptr))
    count_changed(who.topic);
}

void shard_core::count_changed(const std::string& topic) {
  if (options_.tracker.mode != tracker_mode::count)
    return;
  auto n = memory_->own.count(topic);
  auto& told = told_counts_[topic];
  counts_due_.insert(topic);
  if (n != told) {
    if (told > 0)
      sum_.leave({count_key(topic), count_meta(told), {options_.self, 0}});
    if (n > 0)
      sum_.join({count_key(topic), count_meta(n), {options_.self, 0}});
    told = n;
  }
  if (n == 0)
    told_counts_.erase(topic);
}

void shard_core::flush_counts() {
  for (const auto& topic : std::exchange(counts_due_, {})) {
    auto n = memory_->own.count(topic);
    auto held = state_.find_own(count_key(topic));
    // Told here as the changes came.
    if (n == 0)
      (void)state_.leave(count_key(topic));
    else if (!held || *held->meta != std::to_string(n))
      (void)state_.join(count_key(topic), count_meta(n));
  }
}

}  // namespace beamline::presence
