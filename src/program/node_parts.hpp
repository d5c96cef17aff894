#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "net/peers_switch.hpp"
#include "program/helper_threads.hpp"
#include "program/identity.hpp"
#include "program/node_metrics.hpp"
#include "program/reloader.hpp"
#include "program/service_routes.hpp"
#include "program/settings.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/groups/scope_list.hpp"
#include "pubsub/presence/tracker/trackers.hpp"
#include "supervision/board.hpp"
#include "supervision/partition_table.hpp"

#include <memory>

namespace beamline::program {

/// What every application of a node is built on. Outlives the node's processes, and is ended by `run_node`.
struct node_parts {
  node_parts(const settings_schema& s, const reloader& now, identity i, logger& l)
      : schema{s}, settings{now}, who{std::move(i)}, log{l} {}

  /// A section of the configuration, as it is in effect now.
  template <class T>
  [[nodiscard]] T section(config::handle<T> h) const {
    return settings.in_effect().get(h);
  }

  const settings_schema& schema;
  const reloader& settings;
  const identity who;
  logger& log;
  system_clock clock;
  system_random random;
  telemetry events;
  metrics::registry metrics;
  readiness ready;
  timer_thread timers{clock};
  supervision::board_registry boards;
  net::peers_switch peers;
  pubsub::groups::scope_list groups;
  supervision::partition_directory partitions;
  pubsub::directory systems;
  presence::trackers trackers;
  helper_threads threads;
  node_metrics measured{events, metrics};
  std::unique_ptr<node> home;  // Last made, first gone.
};

}  // namespace beamline::program
