#include "pubsub/presence/crdt/model/cluster_model.hpp"

#include "pubsub/presence/crdt/crdt_texts.hpp"
#include "pubsub/presence/crdt/delta_wire.hpp"

#include <algorithm>

namespace beamline::presence::test {

namespace {

// In ticks.
constexpr int down_after = 2;
constexpr int forgotten_after = 6;
constexpr int sample_every = 2;

const char* const topics[] = {"t", "u"};
const char* const keys[] = {"k", "l"};
constexpr std::uint64_t versions_max = 1'000;

}  // namespace

cluster_model::place cluster_model::place_of(const entry_key& key, const replica_id& owner) {
  auto p = static_cast<place>(owner.name[0] - 'a') * versions_max + owner.version;
  return ((p * 2 + (key.topic == topics[1] ? 1 : 0)) * 2 + (key.key == keys[1] ? 1 : 0)) * 2 + key.actor - 1;
}

std::string cluster_model::name_of(place p) {
  auto owner = p / 8;
  return std::string{topics[p / 4 % 2]} + "/" + keys[p / 2 % 2] + "/" + std::to_string(p % 2 + 1) + " of "
       + static_cast<char>('a' + owner / versions_max) + std::to_string(owner % versions_max);
}

cluster_model::cluster_model(std::uint64_t seed, options o) : options_{o}, chance_{seed} {
  nodes_.resize(2 + std::min(chance_.below(4), chance_.below(4)));  // Two to five, more often few.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].name = std::string(1, static_cast<char>('a' + i));
    start(nodes_[i]);
  }
}

void cluster_model::start(node& n) {
  n = node{.name = n.name, .version = n.version + (is(mistake::reuses_versions) && n.version > 0 ? 0 : 1)};
  n.is_running = true;
  n.held.emplace(replica_id{n.name, n.version});
  n.recent.emplace(std::vector<std::size_t>{4, 10});
  note_history(n);
}

void cluster_model::run() {
  for (int i = 0; i < options_.steps; ++i)
    step();
  settle();
}

void cluster_model::step() {
  auto& n = nodes_[chance_.below(nodes_.size())];
  auto dice = chance_.below(100);
  if (dice < 36)
    return deliver_some();
  if (dice < 41) {  // A link is cut, or healed.
    auto other = chance_.below(nodes_.size());
    if (index_of(n) != other && cuts_.erase(link(index_of(n), other)) == 0)
      cuts_.insert(link(index_of(n), other));
    return;
  }
  if (dice < 45) {
    if (std::exchange(n.is_running, false))
      return;
    ++seen_.restarts;
    return start(n);
  }
  if (!n.is_running)
    return;
  if (dice < 70)
    for (auto some = chance_.below(3) + 1; some > 0; --some)
      change_own(n);
  else
    tick(n);
  check(n);
}

void cluster_model::change_own(node& n) {
  auto who = key(topics[chance_.below(2)], keys[chance_.below(2)], chance_.below(2) + 1);
  switch (chance_.below(8)) {
    case 0:
      std::erase_if(n.own, [&](const auto& e) { return e.first.actor == who.actor; });
      told(n, n.held->leave_actor(who.actor));
      break;
    case 1:
    case 2:
      n.own.erase(who);
      told(n, n.held->leave(who));
      break;
    default: {
      auto text = std::to_string(++next_meta_);
      n.own[who] = text;
      told(n, n.held->join(who, meta(text)));
    }
  }
  note_history(n);
}

void cluster_model::tick(node& n) {
  auto news = n.held->changes();
  n.held->reset_changes();
  n.recent->push(news);
  if (is(mistake::forgets_removals))
    for (auto& [r, dots] : news.cloud) {
      dots.clear();
      dots.insert(counter_of(news.start, r) + 1, counter_of(news.end, r));
    }
  frame f{.from = n.held->self(), .news = std::move(news), .clocks = n.held->clocks()};
  auto beat = std::make_shared<const frame>(std::move(f));
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (&nodes_[i] != &n)
      send(n, i, beat);
  if (is(mistake::leaves_by_itself) && chance_.below(4) == 0)
    told(n, n.held->leave_actor(1));
  look_for_downs(n);
  if (++n.ticks % sample_every == 0)
    ask(n);
}

void cluster_model::ask(node& n) {
  auto known = is(mistake::asks_for_the_unknown) ? n.held->clocks() : clock_map{};
  std::vector<replica_id> asked;
  if (is(mistake::asks_for_the_unknown)) {
    for (const auto& [name, p] : n.peers)
      if (const auto& other = nodes_[static_cast<std::size_t>(name[0] - 'a')];
          other.is_running && !dominates(known, other.held->clocks()))
        asked.push_back(other.held->self());
    (void)n.heard.take(n.held->self(), known);
  } else {
    asked = n.heard.take(n.held->self(), n.held->clocks());
  }
  for (const auto& r : asked)
    if (!is(mistake::never_transfers)) {
      ++requests_;
      send(n, static_cast<std::size_t>(r.name[0] - 'a'),
           frame{.what = frame::kind::request, .from = n.held->self(), .clocks = n.held->clocks()});
    }
}

void cluster_model::look_for_downs(node& n) {
  for (auto at = n.peers.begin(); at != n.peers.end();) {
    auto& [name, p] = *at;
    replica_id r{name, p.version};
    if (++p.silent > down_after && std::exchange(p.is_up, false)) {
      told(n, n.held->replica_down(r));
      n.heard.remove(r);
    }
    if (p.silent > forgotten_after && !is(mistake::never_forgets)) {
      forget(n, r);
      at = n.peers.erase(at);
    } else {
      ++at;
    }
  }
}

void cluster_model::forget(node& n, const replica_id& r) {
  ++seen_.removed;
  told(n, n.held->remove_replica(r));
  n.recent->remove_replica(r);
  n.heard.remove(r);
  n.context.erase(r);
  auto first = place_of({topics[0], 1, keys[0]}, r);
  std::erase_if(n.last_seen, [&](const auto& e) { return e.first / 8 == first / 8; });
}

void cluster_model::send(node& from, std::size_t to, frame f) {
  send(from, to, std::make_shared<const frame>(std::move(f)));
}

void cluster_model::send(node& from, std::size_t to, std::shared_ptr<const frame> f) {
  if (are_linked(index_of(from), to) && (is_calm_ || chance_.below(8) != 0))
    under_way_.push_back({std::move(f), to});
}

/// Half of those under way, in any order; and at times one stays under way, too.
void cluster_model::deliver_some() {
  for (auto some = under_way_.size() / 2 + 1; some > 0 && !under_way_.empty(); --some) {
    auto which = chance_.below(under_way_.size());
    auto l = under_way_[which];
    if (chance_.below(8) != 0) {
      under_way_[which] = std::move(under_way_.back());
      under_way_.pop_back();
    }
    deliver(l);
  }
}

void cluster_model::deliver(const letter& l) {
  auto& n = nodes_[l.to];
  if (!n.is_running)
    return;
  receive(n, *l.content);
  if (!l.content->news.empty() || !is_calm_)
    check(n);
}

void cluster_model::receive(node& n, const frame& f) {
  auto sender = static_cast<std::size_t>(f.from.name[0] - 'a');
  if (f.what == frame::kind::request) {
    auto part = n.recent->extract(f.from, f.clocks, n.held->sent_context());
    ++(part ? seen_.transfers : seen_.whole_transfers);
    auto answer = part ? std::move(*part) : n.held->extract(f.from, f.clocks);
    return send(n, sender, frame{.what = frame::kind::transfer, .from = n.held->self(), .news = std::move(answer)});
  }
  if (f.from.version >= n.newest[f.from.name])
    return receive_news(n, f);
  auto before = n.held->context();
  receive_news(n, f);
  if (n.held->context() != before)
    throw violation{"I29 stale", n.name + " believes an earlier run of " + f.from.name};
}

void cluster_model::receive_news(node& n, const frame& f) {
  if (!meet(n, f.from, f.what == frame::kind::beat))
    return;
  if (is(mistake::believes_everybody))
    for (const auto& [r, counter] : f.clocks)
      if (r.name != n.name)
        (void)n.held->replica_up(r);
  if (!f.news.empty())
    take_news(n, f.news);
  if (f.what == frame::kind::beat)
    n.heard.add(f.from, f.clocks);
}

bool cluster_model::meet(node& n, const replica_id& from, bool is_beat) {
  auto& newest = n.newest[from.name];
  if (from.version < newest && !is(mistake::believes_old_runs))
    return false;
  newest = std::max(newest, from.version);
  auto known = n.peers.find(from.name);
  if (!is_beat)
    return known != n.peers.end() && known->second.version == from.version;
  if (known != n.peers.end() && known->second.version != from.version) {
    if (!is(mistake::keeps_old_runs))
      forget(n, {from.name, known->second.version});
    n.peers.erase(known);
  }
  n.peers[from.name] = {.version = from.version};
  auto back = n.held->replica_up(from);
  if (is(mistake::tells_old_refs))
    for (auto& [topic, changes] : back)
      for (auto& t : changes.joins)
        --t.at.counter;
  told(n, back);
  return true;
}

void cluster_model::take_news(node& n, const delta& news) {
  ++seen_.merges;
  // What goes over a link is octets.
  auto read = unpack(pack(news));
  if (!read)
    throw violation{"wire", read.error().message};
  if (is(mistake::ignores_gaps))
    read->start.clear();
  auto own = n.held->summary_of(n.held->self());
  auto d = n.held->merge(*read);
  if (is(mistake::removes_own))
    (void)n.held->leave_actor(1);
  if (!(n.held->summary_of(n.held->self()) == own))
    throw violation{"I26 own removed", "a merge changes the own entries of " + n.name};
  if (!(is(mistake::hides_a_diff) && !d.empty() && chance_.below(4) == 0))
    told(n, d);
  n.recent->push(*read, n.held->context());
  seen_.waits += n.held->cloud_size() > 0 ? 1 : 0;
}

}  // namespace beamline::presence::test
