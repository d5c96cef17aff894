#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/event_horizon/cluster/buffer_history.hpp"
#include "apps/event_horizon/cluster/call_window.hpp"
#include "apps/event_horizon/cluster/node_roster.hpp"
#include "apps/event_horizon/cluster/picture.hpp"
#include "base/telemetry.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// The name under which the process is found.
inline constexpr std::string_view cluster_watch_name = "event_horizon.cluster";
[[nodiscard]] inline pid cluster_watch_on(const environment& env) {
  return {env.self(), std::string{cluster_watch_name}};
}

// Views that are told; one more is refused and shows what its first page did.
inline constexpr std::size_t cluster_views_max = 10'000;
// How often it looks, and the least time between two pictures that a view is cast.
inline constexpr duration cluster_look_interval = 1s;

/// Call, answered with a `picture_ref`: from now on `cluster_changed` is cast to `view`, until that process ends. Fails
/// as `crashed` with `busy: ...` beyond `cluster_views_max`.
struct watch_cluster {
  pid view;
};
struct cluster_changed {
  picture_ref now;
};

/// The process that knows how the cluster is, for the page /cluster. One per node with a blog.
///
///   links        node_up, node_down -------->  cluster_watch  -- cluster_changed --->  views, at most once a second
///   outbox       <-- get_status, each second                  -- the newest ------->   cluster_board, for first pages
///   each node    <-- net.link_report, each second, while a view watches
///   telemetry    event_horizon.cluster.rpc ->  how long calls took
///
/// While nobody watches, it keeps the history (a call of a neighbour each second) and draws a picture only when a node
/// came or went, or once in a while for the next first page. All that it keeps is bounded: see node_roster,
/// buffer_history, call_window.
class cluster_watch final : public process {
public:
  struct parts {
    cluster_board* board = nullptr;  // Must outlive the process.
    std::string role{};              // Of this node ...
    std::string version{};           // ... and of its program.
  };

  /// Throws when the node has one already.
  cluster_watch(process_context& c, parts p);

private:
  struct call_meter;

  behavior init() override;

  void look();
  void ask_outbox();
  void ask_links();
  void ask_links_of(const std::string& node);
  void tell();
  [[nodiscard]] picture_ref picture() const;
  deferred watch_view(const watch_cluster& m);

  parts parts_;
  const time_point started_;
  node_roster others_;
  std::map<std::string, picture_parts::report> reports_;
  std::set<std::string> asked_;  // Whose answers are awaited.
  std::optional<net::outbox::status> buffer_;
  buffer_history waiting_;
  std::shared_ptr<call_meter> calls_;
  telemetry::handle hears_calls_;
  std::set<pid> views_;
  int looks_until_drawn_ = 0;  // While nobody watches.
};

}  // namespace beamline::event_horizon
