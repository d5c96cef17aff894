#include "sim/presence/checkers/silences.hpp"

#include "actors/environment.hpp"
#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "actors/process_table.hpp"
#include "base/telemetry_value.hpp"
#include "pubsub/presence/tracker/shard.hpp"
#include "pubsub/presence/tracker/wire.hpp"

#include <caf/mailbox_element.hpp>

#include <typeinfo>
#include <variant>

namespace beamline::gathering {

namespace {

bool is_beat(const peer_message& m) {
  auto f = presence::decode_frame(m.payload);
  return f && std::holds_alternative<presence::wire_beat>(*f);
}

std::string text(time_point t) { return to_text(event_value{t - time_point{}}); }

}  // namespace

void silences::on_step(const process& who, const caf::mailbox_element* m) {
  if (typeid(who) != typeid(presence::shard))
    return;
  auto& env = who.env();
  auto now = env.time().now();
  auto self = env.processes().info(who.self().id(), now);
  if (!self)
    return;
  shard_id shard{env.self()->incarnation, self->name};
  if (m == nullptr) {
    std::vector<std::string> linked;
    for (const auto& p : env.peers().list())
      linked.push_back(p.identity.name);
    started(shard, linked, now);
    return;
  }
  const auto& content = m->content();
  if (content.match_elements<peer_message>()) {
    const auto& frame = content.get_as<peer_message>(0);
    if (is_beat(frame))
      heard(shard, frame.from.name, now);
  } else if (content.match_elements<node_down>()) {
    link_lost(shard, content.get_as<node_down>(0).peer.identity.name, now);
  } else if (content.match_elements<node_up>()) {
    link_found(shard, content.get_as<node_up>(0).peer.identity.name, now);
  }
}

void silences::started(const shard_id& shard, const std::vector<std::string>& linked, time_point now) {
  auto& h = shards_[shard] = {now, {}};
  for (const auto& other : linked)
    h.others[other] = {now};
}

void silences::heard(const shard_id& shard, const std::string& other, time_point now) {
  shards_[shard].others[other] = {now};
}

void silences::link_lost(const shard_id& shard, const std::string& other, time_point now) {
  auto& s = of(shard, other);
  s.lost = s.lost.value_or(now);
}

void silences::link_found(const shard_id& shard, const std::string& other, time_point now) {
  if (auto& s = of(shard, other); s.lost)
    s.found = now;
}

bool silences::is_cause(const shard_id& shard, const std::string& other, time_point now) const {
  auto s = find(shard, other);
  if (!s)
    return false;
  auto is_cut =
      limits_.grace && s->lost && now - *s->lost >= *limits_.grace && (!s->found || now - *s->found >= limits_.period);
  return is_cut || now - s->heard > limits_.down;
}

std::string silences::story(const shard_id& shard, const std::string& other) const {
  auto s = find(shard, other);
  if (!s)
    return "nothing is known of its shard";
  return "heard at " + text(s->heard) + (s->lost ? ", its link lost at " + text(*s->lost) : "")
       + (s->found ? " and found at " + text(*s->found) : "");
}

// Those that were not linked when it started were away before.
std::optional<silences::silence> silences::find(const shard_id& shard, const std::string& other) const {
  auto at = shards_.find(shard);
  if (at == shards_.end())
    return std::nullopt;
  auto known = at->second.others.find(other);
  return known != at->second.others.end() ? known->second : silence{at->second.started, at->second.started};
}

silences::silence& silences::of(const shard_id& shard, const std::string& other) {
  auto s = find(shard, other).value_or(silence{});
  return shards_[shard].others.try_emplace(other, s).first->second;
}

}  // namespace beamline::gathering
