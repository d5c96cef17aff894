#pragma once

// Nodes with a tracker each, linked when the test says so, and what each of them was told.

#include "net/linked_nodes.hpp"
#include "pubsub/presence/tracker.hpp"
#include "pubsub/presence/tracker/counting_peers.hpp"
#include "pubsub/presence/tracker/told_diffs.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace beamline::presence::test {

using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

class member final : public process {
public:
  using process::process;
  behavior init() override { return handlers(); }
};

/// The defaults, but so that the last periods pass in little time.
inline tracker_options quick() {
  tracker_options o;
  o.permdown_period = 60s;
  o.nodedown_grace = std::nullopt;
  return o;
}

/// Links that find out within 1.25 s that nobody is there, and cost little while nothing happens.
inline testing::simulated_links_options calm_links() {
  testing::simulated_links_options o;
  o.links.tick_time = 1s;
  o.redial = 60ms;
  return o;
}

struct tracker_cluster {
  explicit tracker_cluster(world& the_world, std::vector<std::string> the_names = {"a@sim", "b@sim"},
                           tracker_options the_options = quick(), testing::simulated_links_options links = calm_links())
      : w{the_world}, names{std::move(the_names)}, options{std::move(the_options)}, net{w, names, std::move(links)} {
    for (const auto& n : names)
      start(n);
  }
  ~tracker_cluster() {
    for (const auto& node : told)
      for (const auto& problem : node.second.wrong)
        FAIL_CHECK(node.first << ": " << problem);
  }
  tracker_cluster(const tracker_cluster&) = delete;
  tracker_cluster& operator=(const tracker_cluster&) = delete;

  simulated_node& start(const std::string& name) { return start(name, options); }
  simulated_node& start(const std::string& name, tracker_options o) {
    auto& n = w.start_node(name);
    n.env().provide(n.own<trackers>());
    n.env().provide(n.own<supervision::partition_directory>());
    net.join(n, "any");
    sent[name] = &n.own<counting_peers>(n.env().peers());
    n.env().use_peers(*sent[name]);
    auto& t = told[name];
    CHECK_MESSAGE(t.wrong.empty(), name << ": " << (t.wrong.empty() ? "" : t.wrong.front()));
    t = told_diffs{};
    o.on_diff = [&t, more = o.on_diff](const diff& d) {
      t.add(d);
      if (more)
        more(d);
    };
    top[name] =
        n.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_tracker(std::move(o))}});
    w.run();
    return n;
  }

  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  simulated_node& a() { return at("a@sim"); }
  simulated_node& b() { return at("b@sim"); }
  simulated_node& c() { return at("c@sim"); }
  void connect_all() {
    for (const auto& x : names)
      for (const auto& y : names)
        if (x < y)
          net.connect(at(x), at(y));
  }
  void connected() {
    connect_all();
    settle();
  }
  /// Two periods and some round trips.
  void settle() { w.advance(2 * options.broadcast_period + 200ms); }

  pid spawn(simulated_node& n) {
    auto p = n.spawn<member>();
    w.run();
    return p;
  }
  pid shard(simulated_node& n, const std::string& topic) { return shard_of(n.env(), options.name, topic); }
  track_answer track(simulated_node& n, const std::string& topic, const std::string& key, const pid& who,
                     json meta = json::object()) {
    return w.ask<track_answer>(shard(n, topic), presence::track{topic, key, std::move(meta), who});
  }
  track_answer update(simulated_node& n, const std::string& topic, const std::string& key, const pid& who,
                      std::function<json(const json&)> change) {
    return w.ask<track_answer>(shard(n, topic), presence::update{topic, key, std::move(change), who});
  }
  void untrack(simulated_node& n, const std::string& topic, const std::string& key, const pid& who) {
    w.ask<void>(shard(n, topic), presence::untrack{topic, key, who});
  }
  std::vector<tracked> entries(simulated_node& n, const std::string& topic) {
    return w.ask<listing>(shard(n, topic), list_topic{topic}).entries;
  }
  std::vector<std::string> list(simulated_node& n, const std::string& topic) {
    std::vector<std::string> all;
    for (const auto& t : entries(n, topic))
      all.push_back(text_of(t));
    return all;
  }
  std::vector<std::string> dirty(simulated_node& n, const std::string& topic) {
    std::vector<std::string> all;
    for (const auto& t : dirty_list(n.env(), options.name, topic))
      all.push_back(text_of(t));
    return all;
  }
  std::uint64_t count(simulated_node& n, const std::string& topic) {
    return w.ask<topic_count>(shard(n, topic), count_topic{topic}).count;
  }
  shard_status status(simulated_node& n, std::size_t index = 0) {
    return w.ask<shard_status>(shards_of(n.env(), options.name).at(index), get_shard_status{});
  }
  /// Of `replica` as that node knows it.
  std::optional<shard_status::replica> replica(simulated_node& n, const std::string& of) {
    for (const auto& r : status(n).replicas)
      if (r.id.name == of)
        return r;
    return std::nullopt;
  }
  void kill_shard(simulated_node& n, const std::string& topic) { n.kill(shard(n, topic)); }

  world& w;
  std::vector<std::string> names;
  tracker_options options;
  linked_nodes net;
  std::map<std::string, told_diffs> told;
  std::map<std::string, pid> top;
  std::map<std::string, counting_peers*> sent;  // Of the last run of each node.
};

using texts = std::vector<std::string>;

}  // namespace beamline::presence::test
