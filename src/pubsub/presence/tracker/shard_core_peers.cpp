#include "base/json.hpp"
#include "base/planted.hpp"
#include "pubsub/presence/crdt/delta_wire.hpp"
#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/presence/tracker/shard_core.hpp"
#include "pubsub/topic.hpp"

#include <algorithm>
#include <utility>

namespace beamline::presence {

namespace {

std::string mode_name(std::uint64_t mode) {
  switch (mode) {
    case static_cast<std::uint64_t>(tracker_mode::members): return "members";
    case static_cast<std::uint64_t>(tracker_mode::count): return "count";
    default: return "number " + std::to_string(mode);
  }
}

bool is_meta(const std::string& text) {
  auto meta = parse_json(text);
  const auto* ref = meta && meta->is_object() ? find_string(*meta, "phx_ref") : nullptr;
  return ref != nullptr && !ref->empty();
}

// Whoever reads metas relies on it.
result<void> check_metas(const delta& d) {
  for (const auto& [r, values] : d.values)
    for (const auto& [counter, e] : values)
      if (!is_meta(*e->meta))
        return error{errc::invalid, "the meta of \"" + e->key + "\" in \"" + *e->topic + "\" is "
                                        + e->meta->substr(0, 100) + ", expected a JSON object with a phx_ref"};
  return {};
}

// A little more than what can be tracked here, as it was written by a peer's rules.
result<delta> unpack_delta(std::string_view octets, tracker_mode mode) {
  auto d = unpack(octets, {.topic_octets_max = pubsub::topic_octets_max,
                           .key_octets_max = presence_key_octets_max,
                           .meta_octets_max = meta_octets_max + meta_refs_octets});
  if (d && mode == tracker_mode::members)
    if (auto ok = check_metas(*d); !ok)
      return ok.error();
  return d;
}

std::string facts(const wire_announce& a) {
  return std::to_string(a.shards) + " shards, mode " + mode_name(a.mode) + ", schema " + std::to_string(a.schema);
}

}  // namespace

// -- who is there -----------------------------------------------------------------------------------------

void shard_core::node_up(const peer_info& up, time_point now) {
  if (has_left_ || up.identity.name == options_.node->name)
    return;
  auto& p = peers_[up.identity.name];
  p = peer{up};
  wanted_.forget(up.identity.name);
  served_.forget(up.identity.name);
  // It is heard a round trip from now, if its shard lives on.
  replicas_.link_found(up.identity.name, now + options_.tracker.broadcast_period);
  announce(p, true, now);
}

void shard_core::node_down(const peer_info& down, time_point now) {
  auto p = peers_.find(down.identity.name);
  if (p == peers_.end() || p->second.info.identity != down.identity)
    return;
  peers_.erase(p);
  wanted_.forget(down.identity.name);
  served_.forget(down.identity.name);
  if (auto grace = options_.tracker.nodedown_grace)
    replicas_.link_lost(down.identity.name, planted::is_on(planted::bug::grace_ignored) ? now : now + *grace);
}

void shard_core::receive(const node_identity& from, const shard_frame& f, time_point now) {
  auto p = peers_.find(from.name);
  if (has_left_ || p == peers_.end() || p->second.info.identity != from)
    return;
  std::visit(
      [&](const auto& m) {
        if (m.replica.name != from.name)
          return port_.complain(from.name, "a frame of a replica of " + m.replica.name);
        handle(p->second, m, now);
      },
      f);
  publish();
}

void shard_core::announce(peer& p, bool wants_answer, time_point now) {
  wire_announce a;
  a.tracker = options_.tracker.name;
  a.shards = options_.tracker.shards;
  a.mode = static_cast<std::uint64_t>(options_.tracker.mode);
  a.schema = tracker_schema;
  a.replica = options_.self;
  a.wants_answer = wants_answer;
  auto is_sent = port_.send(p.info.identity.name, encode_frame(a));
  if (wants_answer && is_sent)
    p.asked = now;
  else if (!is_sent)
    p.asked.reset();  // Its next beat, or this shard's, asks again.
}

void shard_core::handle(peer& p, const wire_announce& m, time_point now) {
  wire_announce mine;
  mine.shards = options_.tracker.shards;
  mine.mode = static_cast<std::uint64_t>(options_.tracker.mode);
  mine.schema = tracker_schema;
  auto is_same =
      m.tracker == options_.tracker.name && m.shards == mine.shards && m.mode == mine.mode && m.schema == mine.schema;
  if (!is_same && p.is != peer::agreement::other)
    port_.mismatch(p.info.identity.name, "there: " + facts(m) + "; here: " + facts(mine));
  p.is = is_same ? peer::agreement::same : peer::agreement::other;
  if (m.wants_answer)
    announce(p, false, now);
  if (is_same && p.met != m.replica) {
    p.met = m.replica;
    greet(p);
  }
}

// -- beats ------------------------------------------------------------------------------------------------

wire_beat shard_core::plain_beat() const {
  wire_beat b;
  b.replica = options_.self;
  auto clocks = state_.clocks();
  if (state_.changes().empty()) {
    auto mine = state_.summary_of(options_.self);
    b.has_summary = true;
    b.entries = mine.entries;
    b.digest = mine.digest;
  } else {
    // What goes with the next beat is nothing to ask for.
    clocks[options_.self] = counter_of(state_.sent_context(), options_.self);
  }
  b.clocks = to_wire(clocks);
  return b;
}

void shard_core::greet(peer& p) {
  if (!port_.send(p.info.identity.name, encode_frame(plain_beat())))
    p.met = {};
}

void shard_core::send_to_all(const shard_frame& f) {
  bytes encoded;
  for (auto& [name, p] : peers_) {
    if (p.is != peer::agreement::same)
      continue;
    if (encoded.empty())
      encoded = encode_frame(f);
    // What the link does not take the peer misses in the clocks that come next (D157).
    (void)port_.send(name, encoded);
  }
}

void shard_core::beat(time_point now) {
  flush_counts();
  auto has_changes = !state_.changes().empty();
  if (!has_changes && !is_first_beat_ && silent_periods_ < options_.tracker.silent_periods_max) {
    ++silent_periods_;
  } else {
    bytes octets;
    if (has_changes) {
      octets = pack(state_.changes());
      generations_.push(state_.changes());
      state_.reset_changes();
      ++counters_.changed_beats;
    } else {
      ++counters_.empty_beats;
    }
    auto b = plain_beat();
    if (octets.size() <= beat_delta_octets_max)
      b.delta = std::move(octets);
    send_to_all(b);
    silent_periods_ = 0;
    is_first_beat_ = false;
  }
  if (++periods_ % options_.tracker.clock_sample_periods == 0 && !planted::is_on(planted::bug::hole_not_asked))
    for (const auto& r : pending_.take(options_.self, known_clock()))
      want_transfer(r.name, false, now);
  for (const auto& w : wanted_.overdue(now - options_.tracker.broadcast_period, now))
    ask(w);
  served_.forget_before(now - options_.tracker.broadcast_period * (transfer_tries_max + 1));
  for (auto& [name, p] : peers_)
    if (!p.asked && p.is == peer::agreement::unknown)
      announce(p, true, now);
}

void shard_core::handle(peer& p, const wire_beat& m, time_point now) {
  if (p.is != peer::agreement::same) {
    // What it announced was lost on its way.
    if (p.is == peer::agreement::unknown && (!p.asked || now - *p.asked >= options_.tracker.broadcast_period))
      announce(p, true, now);
    return;
  }
  if (!note_alive(m.replica, now))
    return;
  if (!m.delta.empty()) {
    if (auto d = unpack_delta(m.delta, options_.tracker.mode))
      merge_in(*d);
    else
      port_.complain(m.replica.name, d.error().message);
  }
  auto clocks = from_wire(m.clocks);
  pending_.add(m.replica, clocks);
  if (auto met = meetings_.find(m.replica.name); met != meetings_.end()) {
    met->second.target = std::max(met->second.target.value_or(0), counter_of(clocks, m.replica));
    if (has_caught_up(met->second))
      finish_meeting(m.replica.name);
    else
      want_transfer(m.replica.name, false, now);
  } else if (counter_of(state_.context(), m.replica) < counter_of(clocks, m.replica)
             && !planted::is_on(planted::bug::hole_not_asked)) {
    // A beat was lost, or the link was down, or there was too much to say: no need to wait for more clocks (D160).
    want_transfer(m.replica.name, false, now);
  } else {
    compare(m, clocks, now);
  }
}

// Clocks cannot see that what is held is not what its owner has (D163).
void shard_core::compare(const wire_beat& m, const clock_map& clocks, time_point now) {
  if (!m.has_summary || counter_of(clocks, m.replica) != counter_of(state_.context(), m.replica)
      || state_.summary_of(m.replica) == state::summary{m.entries, m.digest} || wanted_.is_waiting_for(m.replica.name))
    return;
  ++counters_.divergences;
  port_.diverged(m.replica);
  want_transfer(m.replica.name, true, now);
}

void shard_core::handle(peer&, const wire_permdown& m, time_point) {
  auto known = replicas_.find(m.replica.name);
  if (known == nullptr || !replicas_.left(m.replica))
    return;
  drop_meeting(m.replica.name);
  if (state_.is_up(m.replica))
    hide(m.replica, "it left");
  forget(m.replica, "it left");
}

// -- transfers --------------------------------------------------------------------------------------------

clock_map shard_core::known_clock() const {
  auto seen = state_.context();
  clock_map known{{options_.self, counter_of(seen, options_.self)}};
  for (const auto& r : replicas_.all())
    if (r.status == replica_status::up)
      known[r.id] = counter_of(seen, r.id);
  return known;
}

void shard_core::want_transfer(const std::string& node, bool is_segment, time_point now) {
  auto p = peers_.find(node);
  if (p == peers_.end() || p->second.is != peer::agreement::same)
    return;
  if (auto w = wanted_.want(node, is_segment, now))
    ask(*w);
}

void shard_core::ask(const transfers_wanted::wish& w) {
  wire_request r;
  r.replica = options_.self;
  r.ref = w.ref;
  r.clocks = to_wire(known_clock());
  r.part = w.part;
  r.is_segment = w.is_segment;
  if (w.part == 0)
    ++counters_.requests;
  auto frame = encode_frame(r);
  port_.transferred(w.node, "asked", frame.size());
  (void)port_.send(w.node, std::move(frame));  // One that is lost is overdue some time.
}

void shard_core::handle(peer& p, const wire_request& m, time_point now) {
  if (p.is != peer::agreement::same)
    return;
  std::optional<wire_transfer> t;
  if (m.part > 0) {
    t = served_.part(m.replica.name, m.ref, m.part, now);
  } else if (m.is_segment) {
    t = served_.begin(m.replica.name, m.ref, pack(state_.extract(m.replica, {{options_.self, 0}})), now);
  } else {
    auto clock = from_wire(m.clocks);
    if (planted::is_on(planted::bug::stale_news_taken))
      clock.merge(state_.context());
    auto d = generations_.extract(m.replica, clock, state_.sent_context());
    t = served_.begin(m.replica.name, m.ref, pack(d ? *d : state_.extract(m.replica, clock)), now);
  }
  if (!t)
    return;
  t->replica = options_.self;
  t->is_segment = m.is_segment;
  ++counters_.transfers_served;
  auto frame = encode_frame(*t);
  port_.transferred(m.replica.name, "served", frame.size());
  (void)port_.send(m.replica.name, std::move(frame));
}

void shard_core::handle(peer& p, const wire_transfer& m, time_point now) {
  const auto* known = replicas_.find(m.replica.name);
  if (p.is != peer::agreement::same || known == nullptr || known->id != m.replica
      || known->status != replica_status::up)
    return;
  auto got = wanted_.take(m.replica.name, m, now);
  if (got.next)
    return ask(*got.next);
  if (!got.complete)
    return;
  port_.transferred(m.replica.name, "merged", got.complete->size());
  ++counters_.transfers_merged;
  auto d = unpack_delta(*got.complete, options_.tracker.mode);
  if (!d)
    return port_.complain(m.replica.name, d.error().message);
  auto seen = counter_of(state_.context(), m.replica);
  auto met = meetings_.find(m.replica.name);
  if (!got.is_segment) {
    merge_in(*d);
  } else if (met == meetings_.end()) {
    sum_.add(state_.replace(m.replica, *d));
    is_clock_due_ = true;
    generations_.remove_replica(m.replica);
  }
  if (met == meetings_.end())
    return;
  // One that was not asked for, or on its way when more happened, may end before what is known to exist: what left
  // since would join first (D159). The rest is asked for, as long as that leads on.
  if (has_caught_up(met->second))
    finish_meeting(m.replica.name);
  else if (counter_of(state_.context(), m.replica) > seen)
    want_transfer(m.replica.name, false, now);
}

// -- time -------------------------------------------------------------------------------------------------

void shard_core::tick(time_point now) {
  if (has_left_)
    return;
  if (now >= beat_due_) {
    // Who did nothing itself for that long cannot have heard anybody.
    auto late = now - beat_due_;
    auto period = options_.tracker.broadcast_period;
    if (late > period) {
      replicas_.excuse(late);
      for (auto& [name, m] : meetings_)
        m.until += late;
    }
    beat_due_ = late > period ? now + period : beat_due_ + period;
    beat(now);
  }
  check_silence(now);
  publish();
}

time_point shard_core::next_due() const {
  if (has_left_)
    return time_point::max();
  auto next = std::min(beat_due_, replicas_.next_hide().value_or(beat_due_));
  for (const auto& [name, m] : meetings_)
    next = std::min(next, m.until);
  return next;
}

void shard_core::leave() {
  if (std::exchange(has_left_, true))
    return;
  send_to_all(wire_permdown{options_.self});
}

}  // namespace beamline::presence
