#pragma once

#include "actors/process.hpp"
#include "net/links.hpp"
#include "program/cluster_verbs.hpp"
#include "program/control/dispatcher.hpp"
#include "program/current.hpp"

namespace beamline::program {

/// The parts of a running node, for its verbs: the links that run now, its rpc and discovery processes by their
/// names, and its default PubSub system. All of it outlives the verbs. What is asked of a process is asked by one of
/// its own, which ends with the answer.
[[nodiscard]] cluster_verbs_parts parts_of(node& n, const current<net::links>& links);

/// Registers with the rpc process what a peer may ask of this node's verbs, topics and links: `control.run`,
/// `pubsub.broadcast`, `net.link_ping` and `net.link_report`. A child of a supervisor, behind "rpc";
/// ends when that does.
class far_verbs final : public process {
public:
  /// `verbs` outlives it.
  far_verbs(process_context& c, control::dispatcher* verbs) : process{c}, verbs_{*verbs} {}
  behavior init() override;

private:
  control::dispatcher& verbs_;
};

// Verbs that peers have asked for, at the same time; one more is answered `busy`.
inline constexpr std::size_t far_verbs_max = 16;
// How often a subscription looks whether its client is still there, when no message tells.
inline constexpr duration listener_interval = 250ms;

}  // namespace beamline::program
