#pragma once

// One shard without a process, and peers that say what a test wants them to say.

#include "pubsub/presence/crdt/delta_wire.hpp"
#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/presence/tracker/shard_core.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::presence::test {

class recording_port final : public shard_port {
public:
  bool send(const std::string& node, bytes frame) override {
    auto f = decode_frame(frame).value();
    if (const auto* r = std::get_if<wire_request>(&f))
      asked[node].push_back(*r);
    return true;
  }
  void changed(const diff& d) override {
    for (const auto& [topic, changed] : d) {
      for (const auto& t : changed.leaves)
        told += "-" + t.key.key + " ";
      for (const auto& t : changed.joins)
        told += "+" + t.key.key + " ";
    }
  }
  void replica_changed(const replica_id&, std::string_view, std::string_view) override {}
  void transferred(const std::string&, std::string_view, std::size_t) override {}
  void mismatch(const std::string&, const std::string&) override {}
  void complain(const std::string& node, const std::string& what) override { complaints += node + ": " + what + "\n"; }
  void diverged(const replica_id&) override {}
  void callback_failed(std::string_view, const std::string&) override {}

  std::map<std::string, std::vector<wire_request>> asked;
  std::string told;
  std::string complaints;
};

inline entry_ptr held(const replica_id& owner, std::uint64_t counter, std::string key) {
  return std::make_shared<const held_entry>(held_entry{
      std::make_shared<const replica_id>(owner), std::make_shared<const std::string>("room"),
      std::make_shared<const std::string>(R"({"phx_ref":")" + key + "\"}"), std::move(key), counter, counter});
}

/// All that the owner had when it had done `end` changes.
inline delta whole(const replica_id& owner, std::uint64_t end, const std::map<std::uint64_t, std::string>& there) {
  delta d{.end = {{owner, end}}, .is_whole = true};
  for (const auto& [counter, key] : there)
    d.values[owner].emplace(counter, held(owner, counter, key));
  return d;
}

struct shard_alone {
  explicit shard_alone(tracker_options o = {}) : options{std::move(o)} { restart(); }

  /// The next run, with the memory of the one before.
  void restart() {
    shard_core::options o;
    o.tracker = options;
    o.self = {"a@sim", ++runs};
    o.node = node;
    core = std::make_unique<shard_core>(o, memory, random, port, now);
    std::vector<peer_info> linked;
    for (const auto& name : peers)
      linked.push_back(peer(name));
    core->start(linked, now);
  }
  static peer_info peer(const std::string& name) {
    peer_info p;
    p.identity = {name, 1};
    return p;
  }
  void receive(const std::string& from, const shard_frame& f) { core->receive({from, 1}, f, now); }
  void up(const replica_id& r) {
    peers.insert(r.name);
    core->node_up(peer(r.name), now);
    announce(r);
  }
  void announce(const replica_id& r) {
    wire_announce a;
    a.tracker = options.name;
    a.shards = options.shards;
    a.mode = static_cast<std::uint64_t>(options.mode);
    a.schema = tracker_schema;
    a.replica = r;
    receive(r.name, a);
  }
  void beat(const replica_id& r, const clock_map& clocks, const delta* d = nullptr) {
    wire_beat b;
    b.replica = r;
    b.clocks = to_wire(clocks);
    if (d != nullptr)
      b.delta = pack(*d);
    receive(r.name, b);
  }
  void transfer(const replica_id& r, std::uint64_t ref, const delta& d) {
    wire_transfer t;
    t.replica = r;
    t.ref = ref;
    t.parts = 1;
    t.octets = pack(d);
    receive(r.name, t);
  }
  /// Met, with all that it has.
  void meet(const replica_id& r, std::uint64_t end, const std::map<std::uint64_t, std::string>& there) {
    up(r);
    beat(r, {{r, end}});
    transfer(r, asked(r).back().ref, whole(r, end, there));
  }
  const std::vector<wire_request>& asked(const replica_id& r) { return port.asked[r.name]; }
  void advance(duration d) {
    auto until = now + d;
    while (core->next_due() <= until) {
      now = std::max(now, core->next_due());
      core->tick(now);
    }
    now = until;
  }
  std::string told() { return std::exchange(port.told, {}); }
  std::string listed() {
    std::string all;
    for (const auto& t : core->list("room").entries)
      all += t.key.key + " ";
    return all;
  }
  /// As the dirty list has it: with `!` what is hidden.
  std::string board() {
    std::string all;
    memory->board.read("room").for_each([&](const board_entry& e) { all += e.key + (e.is_hidden ? "! " : " "); });
    return all;
  }

  tracker_options options;
  node_identity_ptr node = std::make_shared<const node_identity>(node_identity{"a@sim", 1});
  seeded_random random{1};
  std::shared_ptr<shard_memory> memory = std::make_shared<shard_memory>();
  std::set<std::string> peers;
  recording_port port;
  time_point now{1h};
  std::uint64_t runs = 0;
  std::unique_ptr<shard_core> core;
};

inline const replica_id b{"b@sim", 5};
inline const replica_id c{"c@sim", 5};

}  // namespace beamline::presence::test
