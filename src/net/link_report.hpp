#pragma once

#include "actors/message.hpp"
#include "base/time.hpp"
#include "net/rpc/procedure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// How far a node is from the others, told to whoever asks: each measures its own links, so a picture of the whole
/// cluster is put together from all of them. It names nodes and no addresses; it may be shown to everybody.
///
///   who asks         a node                            each node that it is linked with
///     get_link_report -->  link_ping, timed  ------------>
///     <-- link_report      <------------------------------
///
/// Measured when asked, by calls: the ticks of a link say nothing while it is busy, since none are sent then.
namespace beamline::net {

/// Does nothing: its round trip is what is measured.
struct link_ping {
  BEAMLINE_MESSAGE(link_ping, "net.link_ping", 1)
};

/// The procedure; answered with `link_report`, at the latest after `link_ping_time`.
struct get_link_report {
  BEAMLINE_MESSAGE(get_link_report, "net.link_report", 1)
};

struct reported_link {
  std::string node{};
  std::optional<duration> latency{};  // There and back; none: no answer in time.
  BEAMLINE_MESSAGE(reported_link, "net.reported_link", 1, node, latency)

  friend bool operator==(const reported_link&, const reported_link&) = default;
};

struct link_report {
  std::vector<reported_link> links{};  // By name.
  BEAMLINE_MESSAGE(link_report, "net.links_reported", 1, links)
};

// A peer that takes longer has no latency.
inline constexpr duration link_ping_time = 1s;
// Peers after these, by name, are left out of a report.
inline constexpr std::size_t reported_links_max = 16;

/// What every node offers: to be pinged, and to report.
[[nodiscard]] rpc::procedure link_ping_procedure();
[[nodiscard]] rpc::procedure link_report_procedure();

}  // namespace beamline::net
