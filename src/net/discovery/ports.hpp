#pragma once

#include "net/event_loop.hpp"
#include "net/links.hpp"
#include "net/resolver.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace beamline::net {

/// What discovery needs of the world. Functions for what it needs of the links, so that its tests need none. All of it
/// outlives the process, is called from any thread, and calls back from any.
struct discovery_ports {
  /// As links::connect.
  std::function<void(const endpoint&, const expectation&, links::on_connect)> dial;
  /// As links::disconnect; may be empty without strict membership.
  std::function<void(std::string_view node)> disconnect{};
  /// As links::on_hints; empty: there are none.
  std::function<void(std::function<void(const std::vector<links::hint>&)>)> hints{};
  /// Both or none: without them names in DNS are not asked for.
  resolver* names = nullptr;
  event_loop* loop = nullptr;
};

/// The links of a node and a resolver on the same loop. All must outlive the node's processes.
[[nodiscard]] discovery_ports discovery_ports_of(links& net, resolver& names, event_loop& loop);

}  // namespace beamline::net
