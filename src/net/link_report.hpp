#pragma once

#include "actors/message.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/links.hpp"
#include "net/rpc/procedure.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What a node says of its links to whoever asks: each measures its own, so a picture of the whole cluster is put
/// together from all of them. It names nodes and no addresses; it may be shown to everybody.
namespace beamline::net {

/// The procedure; answered with `link_report`.
struct get_link_report {
  BEAMLINE_MESSAGE(get_link_report, "net.link_report", 1)
};

struct reported_link {
  std::string node{};
  std::optional<duration> latency{};  // There and back, of the last tick; none: not measured yet.
  BEAMLINE_MESSAGE(reported_link, "net.reported_link", 1, node, latency)

  friend bool operator==(const reported_link&, const reported_link&) = default;
};

struct link_report {
  std::vector<reported_link> links{};  // By name.
  BEAMLINE_MESSAGE(link_report, "net.links_reported", 1, links)
};

/// `stats`: of the links as they are at the moment; called on any thread. An error: there are none, and the report is
/// empty.
[[nodiscard]] rpc::procedure link_report_procedure(std::function<result<std::vector<link_stats>>()> stats);

}  // namespace beamline::net
