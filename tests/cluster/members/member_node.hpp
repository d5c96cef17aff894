#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "diff_ledger.hpp"
#include "member_settings.hpp"
#include "net/machine/machine_links.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/tracker.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <memory>

namespace beamline::members {

/// A node as in production, but for its program: links over sockets, discovery, PubSub, two trackers, a crowd to be
/// tracked and somebody who hears what is broadcast; all under one supervisor. Used by one thread.
class member_node {
public:
  /// Throws std::runtime_error when it does not start.
  explicit member_node(const member_settings& s);
  /// In order: presences leave, links say goodbye.
  ~member_node();
  member_node(const member_node&) = delete;
  member_node& operator=(const member_node&) = delete;

  /// What comes over standard input: see crowd.hpp, and
  ///   {"do": "nodes"}                  who is linked
  ///   {"do": "diffs", "topic": T}      what the diffs of the members add up to
  ///   {"do": "dirty", "topic": T}      what is published, without asking a shard
  ///   {"do": "heard"}                  broadcasts by sender
  ///   {"do": "counters"}               of the PubSub system
  [[nodiscard]] json answer(const json& what);

private:
  void end();
  [[nodiscard]] bool top_runs();
  [[nodiscard]] supervision::supervisor_spec tree(const member_settings& s);
  [[nodiscard]] presence::tracker_options tracker(const member_settings& s, std::string_view name);
  [[nodiscard]] json linked();
  [[nodiscard]] json counters();
  template <class M>
  [[nodiscard]] json ask(const std::string& whom, M m);

  diff_ledger diffs_;
  supervision::partition_directory partitions_;
  pubsub::directory systems_;
  presence::trackers trackers_;
  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_;
  telemetry events_;
  timer_thread timers_{clock_};
  node home_;
  std::unique_ptr<net::machine_links> machine_;
  pid top_;
};

}  // namespace beamline::members
