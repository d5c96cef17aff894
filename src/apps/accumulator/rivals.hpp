#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/standing.hpp"

namespace beamline::accumulator {

/// Sees to it that all accumulators that are linked count into one database. When another one comes up that does not,
/// the one that must give way (standing.hpp) says so in the log and ends normally, which is to end its application:
/// with files there is one accumulator in a cluster.
///
///   rivals                             counter of the other node
///     node_up, role accumulator
///     get_standing  ------------------>
///     <----------------------  standing       another database, and this node is the later one: stop
///
/// The one that stays logs a warning. Before the two are linked neither can know: what hosts sent to the later one in
/// that moment stays in its database.
class rivals final : public process {
public:
  using process::process;

private:
  behavior init() override;

  void look_at(const peer_info& peer);
  void look_again(const peer_info& peer);
  void ask(const peer_info& peer, const standing& own);
  void compare(const peer_info& peer, const standing& own, const standing& theirs);

  bool is_over_ = false;
};

}  // namespace beamline::accumulator
