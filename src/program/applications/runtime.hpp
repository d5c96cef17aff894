#pragma once

#include "net/interim_link.hpp"
#include "program/current.hpp"
#include "program/node_parts.hpp"
#include "supervision/applications/application.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace beamline::program {

/// What every node has: its links, calls and broadcasts.
///
///   runtime (rest_for_one)
///   ├─ link          the port for peers; only with cluster.enabled
///   ├─ rpc
///   ├─ broadcast
///   └─ link opener   lets peers come once everything before it is there; only with cluster.enabled
///
/// Peers are first let in by the application `links`, which is started behind everything that they may call.
class runtime {
public:
  explicit runtime(node_parts& on) : on_{on} {}

  [[nodiscard]] supervision::application application();
  /// `behind`: the applications that peers may call.
  [[nodiscard]] supervision::application links(std::vector<std::string> behind);

private:
  class link_opener;

  [[nodiscard]] supervision::child_spec link_child();
  void open_if_allowed();

  node_parts& on_;
  current<net::interim_link> link_;
  std::atomic<bool> is_allowed_{false};
};

}  // namespace beamline::program
