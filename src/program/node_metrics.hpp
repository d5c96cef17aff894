#pragma once

#include "actors/process_table.hpp"
#include "base/metrics.hpp"
#include "base/telemetry.hpp"
#include "net/links.hpp"
#include "program/current.hpp"
#include "web/server.hpp"

#include <vector>

namespace beamline::program {

/// What `/metrics` shows of a node: handlers on its telemetry, and figures read at each scrape. Detaches when
/// destroyed, which must be before the registry, the telemetry and what is watched.
class node_metrics {
public:
  node_metrics(telemetry& events, metrics::registry& into);

  /// Sums over all processes of the node.
  void watch(process_table& processes);
  /// Each link of the moment: what waits for the peer, octets, latency.
  void watch(const current<net::links>& links);
  /// Open connections of the server of the moment.
  void watch(const current<const web::server>& server);

private:
  metrics::registry& registry_;
  std::vector<telemetry::handle> handles_;
  std::vector<metrics::registry::collector> collectors_;
};

}  // namespace beamline::program
