#pragma once

#include "net/links.hpp"
#include "program/applications/outbox.hpp"
#include "program/control/dispatcher.hpp"
#include "program/current.hpp"
#include "program/links_component.hpp"
#include "program/node_parts.hpp"
#include "supervision/applications/application.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::program {

/// The name of the supervisor of tasks.
inline constexpr std::string_view tasks_name = "tasks";

/// What every node has: its links, calls, broadcasts, groups and discovery. Those marked * only with cluster.enabled.
///
///   runtime (rest_for_one)
///   ├─ tasks          what other processes have done elsewhere
///   ├─ links *        the port for peers
///   ├─ rpc
///   ├─ pubsub:main    the PubSub system of all roles
///   ├─ groups         of the scope "pg"
///   ├─ far verbs      what peers may ask of this node's verbs
///   ├─ outbox ...     where an application has declared events that wait: outbox.hpp
///   ├─ link opener *  lets peers come once everything before it is there
///   └─ discovery *
///
/// Peers are first let in by the application `links`, which is started behind everything that they may call.
class runtime {
public:
  /// `verbs` and `waiting` outlive it.
  runtime(node_parts& on, control::dispatcher& verbs, outbox_site& waiting)
      : on_{on}, verbs_{verbs}, outbox_{waiting}, ports_{shown_.parts} {}

  [[nodiscard]] supervision::application application();
  /// `behind`: the applications that peers may call.
  [[nodiscard]] supervision::application links(std::vector<std::string> behind);
  /// The links that run now.
  [[nodiscard]] const current<net::links>& shown() const noexcept { return shown_.links; }

private:
  class link_opener;

  [[nodiscard]] supervision::child_spec links_child();
  [[nodiscard]] supervision::child_spec discovery_child();
  void open_if_allowed();

  node_parts& on_;
  control::dispatcher& verbs_;
  outbox_site& outbox_;
  shown_links shown_;
  links_ports ports_;
  std::atomic<bool> is_allowed_{false};
};

}  // namespace beamline::program
