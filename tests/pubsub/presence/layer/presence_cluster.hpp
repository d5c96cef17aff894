#pragma once

// Nodes with a PubSub system and a presence each, and people who are told what happens.

#include "actors/process_access.hpp"
#include "net/linked_nodes.hpp"
#include "pubsub/presence/layer/meta_text.hpp"
#include "pubsub/presence/layer/person.hpp"
#include "pubsub/presence/presence.hpp"
#include "supervision/api.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beamline::presence::test {

using testing::for_each_seed;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

/// The reference's names for what is tested.
inline const std::string topic = "room:lobby";

inline presence_options defaults() {
  presence_options o;
  o.tracker.broadcast_period = 100ms;
  o.tracker.silent_periods_max = 2;
  o.tracker.down_period = 1s;
  o.tracker.permdown_period = 3s;
  o.tracker.nodedown_grace.reset();
  return o;
}

struct presence_cluster {
  explicit presence_cluster(world& the_world, presence_options o = defaults(),
                            std::vector<std::string> the_names = {"a@sim"}, pubsub::system_options p = {})
      : w{the_world}, names{std::move(the_names)}, net{w, names}, options{std::move(o)}, system{std::move(p)} {
    for (const auto& n : names)
      start(n);
  }

  simulated_node& start(const std::string& name) {
    auto& n = w.start_node(name);
    n.env().provide(n.own<supervision::partition_directory>());
    n.env().provide(n.own<pubsub::directory>());
    n.env().provide(n.own<trackers>());
    net.join(n, "any");
    supervision::supervisor_spec top;
    top.children.push_back(pubsub::child_system(system));
    top.children.push_back(child_presence(options));
    tops[name] = n.spawn<supervision::supervisor>(std::move(top));
    w.run();
    return n;
  }
  void connect_all() {
    for (const auto& a : names)
      for (const auto& b : names)
        if (a < b)
          net.connect(at(a), at(b));
    settle();
  }
  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  simulated_node& a() { return at("a@sim"); }
  void settle(duration d = 500ms) { w.advance(d); }

  someone spawn(const std::string& node = "a@sim") {
    someone s;
    s.who = at(node).spawn<person>(s.is_told);
    w.run();
    return s;
  }
  someone subscriber(const std::string& node = "a@sim", const std::string& t = topic,
                     pubsub::subscribe_options o = {}) {
    auto s = spawn(node);
    REQUIRE(pubsub::system_of(at(node).env(), options.pubsub).subscribe(s.who, t, std::move(o)));
    return s;
  }
  /// As a channel does it: subscribe, then ask.
  someone joiner(const std::string& node = "a@sim", const std::string& t = topic) {
    auto s = subscriber(node, t);
    s.is_told->client.sync_state(state(node, t));
    return s;
  }

  const environment& env_of(const pid& who) { return at(who.node().name).env(); }
  template <class M>
  track_answer ask_shard(M m) {
    auto shard = shard_of(env_of(m.who), options.tracker.name, m.topic);
    return w.ask<track_answer>(shard, std::move(m));
  }
  std::string track(const someone& s, const std::string& key, json meta = json::object(),
                    const std::string& t = topic) {
    auto a = ask_shard(presence::track{t, key, std::move(meta), s.who});
    CHECK_MESSAGE(a.ok(), a.detail);
    return a.ref;
  }
  track_answer update(const someone& s, const std::string& key, json meta, const std::string& t = topic) {
    return ask_shard(presence::update{t, key, [meta](const json&) { return meta; }, s.who});
  }
  void untrack(const someone& s, const std::string& key, const std::string& t = topic) {
    at(s.who.node().name).cast(shard_of(env_of(s.who), options.tracker.name, t), presence::untrack{t, key, s.who});
  }
  void kill(const someone& s) { at(s.who.node().name).kill(s.who); }
  [[nodiscard]] bool is_alive(const someone& s) { return at(s.who.node().name).is_alive(s.who); }

  [[nodiscard]] pid publisher(const std::string& node = "a@sim") {
    return presence_on(at(node).env(), options.tracker.name);
  }
  json state(const std::string& node = "a@sim", const std::string& t = topic) {
    return w.ask<json>(publisher(node), state_of{t}, 30s);
  }
  json by_key(const std::string& key, const std::string& t = topic) {
    return w.ask<json>(publisher(), state_of_key{t, key}, 30s);
  }
  presence_counters counters(const std::string& node = "a@sim") {
    return w.ask<presence_counters>(publisher(node), get_presence_counters{});
  }
  /// Empty, or what it was refused with.
  std::string watch(const someone& s, count_watch_options o = {}, const std::string& t = topic) {
    auto r = w.try_ask<void>(publisher(s.who.node().name), watch_count{t, s.who, std::move(o)});
    w.run();
    auto* e = std::get_if<call_error>(&r);
    return e == nullptr ? std::string{} : e->why.text;
  }
  /// What the tracker of that node lists, as `npm_client::shown` gives it.
  std::map<std::string, std::vector<std::string>> listed(const std::string& node = "a@sim",
                                                         const std::string& t = topic) {
    npm_client c;
    c.sync_state(state(node, t));
    auto l = w.ask<listing>(shard_of(at(node).env(), options.tracker.name, t), list_topic{t});
    std::map<std::string, std::vector<std::string>> tracked;
    for (const auto& e : l.entries)
      tracked[e.key.key].push_back(layer::ref_of(*e.meta));
    for (auto& [key, all] : tracked)
      std::sort(all.begin(), all.end());
    CHECK_MESSAGE(c.shown() == tracked, dump_json(json(c.shown())) << " is not " << dump_json(json(tracked)));
    return tracked;
  }

  world& w;
  std::vector<std::string> names;
  linked_nodes net;
  presence_options options;
  pubsub::system_options system;
  std::map<std::string, pid> tops;
};

/// The refs in one part of a diff.
inline std::vector<std::string> refs_in(const json& part, const std::string& key) {
  std::vector<std::string> all;
  if (const auto* p = find_object(part, key))
    for (const auto& m : p->at("metas"))
      all.push_back(m.at("phx_ref").get<std::string>());
  return all;
}

using refs = std::vector<std::string>;

}  // namespace beamline::presence::test
