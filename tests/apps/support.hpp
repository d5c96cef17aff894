#pragma once

#include "apps/accumulator/counter.hpp"
#include "apps/content/folder.hpp"
#include "apps/event_horizon/catalogue.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/system.hpp"
#include "store/support.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "testing/disk/simulated_database.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::test {

using store::test::temp_dir;

/// The world, whose nodes can call each other and broadcast numbers from now on.
inline testing::world& with_calls(testing::world& w) {
  net::rpc::add_messages(w.contract());
  accumulator::add_messages(w.contract());
  return w;
}

/// Gives a node what a PubSub system stands on.
inline void prepare_topics(testing::simulated_node& n) {
  n.env().provide(n.own<supervision::partition_directory>());
  n.env().provide(n.own<pubsub::directory>());
}
/// The default system, under a supervisor of its own.
inline void start_topics(testing::simulated_node& n) {
  prepare_topics(n);
  n.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {pubsub::child_system({})}});
  n.world().run();
}

/// Broadcasts numbers as the counter does, on any topic.
struct announce {
  std::string topic;
  accumulator::blog_stats stats;
};
class announcer final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const announce& m) {
      pubsub::broadcast_options o{.version = static_cast<std::uint64_t>(std::max<std::int64_t>(m.stats.version, 0))};
      CHECK(pubsub::system_of(env()).broadcast(*this, m.topic, pubsub::topic_class::last_value, share(m.stats), o));
    });
  }
};

/// A node for an accumulator.
inline testing::simulated_node& accumulator_node(testing::world& w) {
  return with_calls(w).start_node("accumulator_1@sim");
}

/// What runs on an accumulator, but for the links: made for one run of its node, which ends with it. The numbers stay
/// on the disk of its machine.
class accumulator_parts {
public:
  accumulator_parts(testing::world& w, testing::simulated_node& n, accumulator::accumulator_options o = {})
      : options{o}, world_{w}, node_{n}, db_{n.own<testing::simulated_database>(n)} {
    rpc = n.spawn<net::rpc::server>(std::string{accumulator::role});
    start_topics(n);
    counter = n.spawn<accumulator::counter>(accumulator::counter::parts{db_.share(), rpc}, o);
  }
  ~accumulator_parts() { world_.end_node(node_, ends); }
  accumulator_parts(const accumulator_parts&) = delete;
  accumulator_parts& operator=(const accumulator_parts&) = delete;

  [[nodiscard]] store::database& db() { return db_.port(); }
  [[nodiscard]] std::shared_ptr<store::database> share() { return db_.share(); }
  /// Once its procedures can be called.
  accumulator_parts& started() {
    (void)world_.ask<accumulator::ready>(counter, accumulator::await_ready{});
    return *this;
  }

  accumulator::accumulator_options options;
  pid rpc, counter;
  testing::node_end ends = testing::node_end::crash;

private:
  testing::world& world_;
  testing::simulated_node& node_;
  testing::simulated_database& db_;
};

/// Calls the accumulator's procedure that is named as `request` through that rpc process; its stats, or why not.
template <wire_message Request>
net::rpc::raw_outcome call_accumulator(testing::world& w, const pid& rpc, const Request& request,
                                       duration within = 2s) {
  auto reply = w.try_ask<net::rpc::wire_reply>(
      rpc,
      net::rpc::role_call{std::string{accumulator::role}, std::string{Request::message_name}, encode(request), within});
  if (auto* e = std::get_if<call_error>(&reply))
    return net::rpc::failure_of(*e, to_string(rpc));
  return net::rpc::from_wire(std::get<0>(std::move(reply)));
}
template <class R = accumulator::blog_stats, wire_message Request>
R ask_accumulator(testing::world& w, const pid& rpc, const Request& request) {
  auto o = call_accumulator(w, rpc, request);
  if (const auto* f = std::get_if<net::rpc::failure>(&o))
    throw testing::simulation_error{to_string(*f)};
  return decode<R>(std::get<bytes>(o)).value();
}
/// The same of one that writes.
template <wire_message Request>
accumulator::write_answer tell_accumulator(testing::world& w, const pid& rpc, const Request& request) {
  return ask_accumulator<accumulator::write_answer>(w, rpc, request);
}

/// Puts every message of its type that is told on a topic into a list.
template <class M>
class topic_listener final : public process {
public:
  topic_listener(process_context& c, std::string topic, std::vector<M>& heard)
      : process{c}, topic_{std::move(topic)}, heard_{heard} {}
  behavior init() override {
    CHECK(pubsub::system_of(env()).subscribe(self(), topic_));
    return handlers([this](const M& m) { heard_.push_back(m); });
  }

private:
  std::string topic_;
  std::vector<M>& heard_;
};

/// Puts everything that is told of a post into a list.
class listener final : public process {
public:
  listener(process_context& c, std::string slug, std::vector<accumulator::blog_stats>& heard)
      : process{c}, slug_{std::move(slug)}, heard_{heard} {}
  behavior init() override {
    CHECK(pubsub::system_of(env()).subscribe(self(), accumulator::blog_topic(slug_)));
    return handlers([this](const accumulator::blog_stats& m) { heard_.push_back(m); });
  }

private:
  std::string slug_;
  std::vector<accumulator::blog_stats>& heard_;
};

inline void write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream{file, std::ios::binary} << text;
}

/// A directory with two posts, `hello` and `second`, and the catalogue of it.
inline event_horizon::catalogue two_posts() {
  auto dir = temp_dir{};
  write_file(dir / "hello.md", "---\ntitle: Hello <you>\ndate: 2024-05-01\nsummary: First & best\ntags: a, b\n---\n\n"
                               "Some *text*.\n");
  write_file(dir / "second.md", "---\ntitle: Second\ndate: 2024-06-02\nsummary: Next\n---\nMore.\n");
  auto loaded = event_horizon::catalogue::load(dir.path());
  INFO((loaded ? std::string{} : loaded.error().message));
  REQUIRE(loaded.ok());
  return std::move(*loaded);
}

}  // namespace beamline::test
